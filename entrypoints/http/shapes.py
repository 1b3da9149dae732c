"""How models look in the OpenAPI document: whole when read, and as much as is asked for when sent.

FastAPI knows one schema of each model. A client that is generated from it would have to give what
the service assigns in order to send a record, and doubt that it comes back when it reads one.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Document = dict[str, Any]

REFERENCE = "#/components/schemas/"
PAGE = "Page"
"""What the schema of a list has behind the name of its model."""
PATCH = "Patch"
"""What the schema of a merge patch has behind the name of its model."""


def shape(document: Document) -> None:
    """Give sent models a schema of their own, and promise every member of those that are read."""
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        _drop_titles(schema)
    for media in _bodies(document):
        name = referred(media["schema"])
        if name is not None and name.endswith(PATCH):
            schemas[name] = _as_patched(name, schemas[name.removesuffix(PATCH)])
        elif name is not None and _assigned(schemas[name]):
            schemas[f"New{name}"] = _as_sent(name, schemas[name])
            media["schema"] = {"$ref": f"{REFERENCE}New{name}"}
    sent = _reached(document)
    for name in schemas.keys() - sent:
        _promise_all(schemas[name])
    for path in document["paths"].values():
        for operation in path.values():
            _share_choices(operation.get("parameters", ()), schemas)


def referred(schema: Document) -> str | None:
    """Name the model that a schema refers to, if it does."""
    reference: str = schema.get("$ref", "")
    return reference.removeprefix(REFERENCE) or None


def _drop_titles(schema: Document) -> None:
    """Drop titles that only repeat a member's name: generators take them for names of types."""
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


def _bodies(document: Document) -> Iterator[Document]:
    for path in document["paths"].values():
        for operation in path.values():
            yield from operation.get("requestBody", {}).get("content", {}).values()


def _assigned(schema: Document) -> set[str]:
    fields = schema.get("properties", {}).items()
    return {name for name, field in fields if field.get("readOnly")}


def _as_sent(name: str, schema: Document) -> Document:
    left_out = _assigned(schema)
    fields = schema["properties"].items()
    return {
        **schema,
        "title": f"New{name}",
        "description": f"{schema['description']} As callers send it: what the service assigns is "
        "left out, and ignored where it is sent.",
        "properties": {name: dict(field) for name, field in fields if name not in left_out},
        "required": [name for name in schema.get("required", ()) if name not in left_out],
    }


def _as_patched(title: str, schema: Document) -> Document:
    """Give the schema of a merge patch: any members, and null where one can be taken away."""
    sent = _as_sent("", schema)
    return {
        **{word: value for word, value in sent.items() if word != "required"},
        "title": title,
        "description": "Members to change, as a JSON merge patch (RFC 7396); null takes one away.",
        "properties": {
            name: field if name in sent["required"] else _or_null(field)
            for name, field in sent["properties"].items()
        },
    }


def _or_null(field: Document) -> Document:
    """Allow null beside what a member may be."""
    if {"type": "null"} in field.get("anyOf", ()):
        return field
    told = {word: field[word] for word in ("description",) if word in field}
    return {"anyOf": [{w: v for w, v in field.items() if w not in told}, {"type": "null"}], **told}


def _reached(document: Document) -> set[str]:
    """Name the models that request bodies refer to, directly or through others."""
    schemas, found = document["components"]["schemas"], set[str]()
    waiting = [name for media in _bodies(document) for name in _references(media["schema"])]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(schemas[name]))
    return found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        name = referred(part)
        if name is not None:
            yield name
        for key, member in part.items():
            if not key.startswith("x-"):
                yield from _references(member)
    elif isinstance(part, list):
        for member in part:
            yield from _references(member)


def _promise_all(schema: Document) -> None:
    """Tell that every member always comes: null where there is nothing, never left out."""
    if "properties" in schema:
        schema["required"] = list(schema["properties"])
        for field in schema["properties"].values():
            field.pop("default", None)


def _share_choices(parameters: Iterable[Document], schemas: Document) -> None:
    """Let parameters refer to the choices that models have, so that clients have them once."""
    for parameter in parameters:
        schema = parameter["schema"]
        if _known(schema, schemas):
            parameter["schema"] = {"$ref": f"{REFERENCE}{schema['title']}"}
        elif _known(schema.get("items", {}), schemas):
            schema["items"] = {"$ref": f"{REFERENCE}{schema['items']['title']}"}


def _known(schema: Document, schemas: Document) -> bool:
    choices = schema.get("enum")
    return choices is not None and schemas.get(schema.get("title", ""), {}).get("enum") == choices
