"""Describes in the OpenAPI document what needs no token: whether the service lives and serves."""

from entrypoints.http.errors import TYPES
from entrypoints.http.shapes import Document

_PATHS = {
    "/health": ("health.show", "Say whether the service can serve."),
    "/health/live": ("health.live", "Say that the process lives; it asks nothing of the rest."),
    "/health/ready": ("health.ready", "Say whether the service can serve."),
    "/health/startup": ("health.startup", "Say whether the service has started."),
}

TAG = {"name": "health", "description": "Whether the service lives and can serve; no token."}

_HEALTH: Document = {
    "type": "object",
    "title": "Health",
    "description": "`pass`, `warn` where a part soon will not work, `fail` where one does not.",
    "required": ["status"],
    "properties": {
        "status": {"type": "string", "enum": ["pass", "warn", "fail"]},
        "failed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The parts that do not work, where any.",
        },
        "checks": {
            "type": "object",
            "description": "How each part is; for callers with a token and the scope `ops:read`.",
        },
        "numbers": {
            "type": "object",
            "description": "Numbers of the moment, by the names of their metrics; likewise.",
        },
    },
}


def describe_open_paths(document: Document) -> None:
    """Add the paths of health."""
    document["tags"] = [*document["tags"], TAG]
    document["components"]["schemas"]["Health"] = _HEALTH
    for path, (name, text) in _PATHS.items():
        document["paths"][path] = {"get": _operation(name, text, path.endswith("live"))}


def _operation(name: str, text: str, always: bool) -> Document:
    good = {"200": _answer("It works.", {"status": "pass"})}
    unready = str(TYPES["unavailable"].status)
    bad = _answer("It does not work.", {"status": "fail", "failed": ["database"]})
    return {
        "tags": [TAG["name"]],
        "operationId": name,
        "summary": text.removesuffix(".").partition(";")[0],
        "description": text,
        "security": [],
        "responses": good if always else {**good, unready: bad},
    }


def _answer(text: str, example: Document) -> Document:
    schema = {"$ref": "#/components/schemas/Health"}
    media = {"schema": schema, "example": example}
    return {"description": text, "content": {"application/json": media}}
