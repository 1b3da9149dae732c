"""Puts examples into the OpenAPI document: of paths, bodies, answers and problems."""

from collections.abc import Mapping
from datetime import date

from entrypoints.http.dependencies import merged
from entrypoints.http.errors import TYPES
from entrypoints.http.examples import key_example, read_example, sent_example
from entrypoints.http.refusals import refusals
from entrypoints.http.shapes import PAGE, Document, referred


def illustrate(document: Document, today: date) -> None:
    """Give every parameter of a path, body, answer and problem an example."""
    for path in document["paths"].values():
        for operation in path.values():
            _illustrate_path(operation, path, today)
            sent = _illustrate_body(operation, today)
            for status, response in operation["responses"].items():
                for media in response.get("content", {}).values():
                    _illustrate_answer(media, status, sent, today)
    told = refusals()
    for status, response in document["components"]["responses"].items():
        response["content"]["application/problem+json"]["examples"] = _problems(status, told)


def _illustrate_path(operation: Document, path: Mapping[str, Document], today: date) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            shown = path["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            parameter["example"] = key_example(referred(shown) or "", today)


def _illustrate_body(operation: Document, today: date) -> Document | None:
    """Give what the example of the body is, if the operation takes one."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        kind = referred(media["schema"])
        if kind is not None and "example" not in media:
            media["example"] = sent_example(kind.removeprefix("New"), today)
        sent: Document = media["example"]
        return sent
    return None


def _illustrate_answer(media: Document, status: str, sent: Document | None, today: date) -> None:
    kind = referred(media["schema"]) or ""
    if kind.endswith(PAGE):
        media["example"] = {"items": [read_example(kind.removesuffix(PAGE), today)]}
    else:
        whole = read_example(kind, today)
        changed = sent is not None and status == "200"
        media["example"] = _changed(whole, sent or {}) if changed else whole


def _changed(whole: Document, sent: Document) -> Document:
    """Give an example as it is answered once it has been changed: a member of null is cleared."""
    cleared = {name: None for name, value in sent.items() if value is None}
    return {**merged(whole, sent), **cleared, "version": whole["version"] + 1}


def _problems(name: str, told: Mapping[str, Document]) -> Document:
    of_status = [one for one in TYPES.values() if name == f"Problem{one.status}"]
    return {one.word: {"summary": one.title, "value": told[one.word]} for one in of_status}
