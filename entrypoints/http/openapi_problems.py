"""What the OpenAPI document says of refusals (RFC 9457)."""

from collections import defaultdict

from entrypoints.http.errors import TYPES
from entrypoints.http.shapes import REFERENCE, Document

PROBLEM: Document = {
    "type": "object",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:loapi:problem:{word}" for word in TYPES]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The request's id, for our support."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                    "allowed": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "field": {"type": "string", "description": "That of the first of `errors`."},
        "parameter": {"type": "string", "description": "That of the first of `errors`."},
        "allowed": {"type": "array", "items": {"type": "string"}},
    },
}
"""The schema of a refusal."""


def problem_responses() -> Document:
    """Describe the answer of each status that a refusal has."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for one in TYPES.values():
        by_status[one.status].append(f"`{one.word}`: {one.title}.")
    schema = {"$ref": f"{REFERENCE}Problem"}
    return {
        f"Problem{status}": {
            "description": "\n\n".join(lines),
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status, lines in by_status.items()
    }
