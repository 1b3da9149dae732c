"""What the OpenAPI document says of lists: their parameters and their pages."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

from application.query import Operator
from entrypoints.http.filterable import kebab
from entrypoints.http.lists import (
    LONGEST_GROUP,
    MOST_GROUPS,
    MOST_LIMIT,
    MOST_TERMS,
    ListQuery,
)
from entrypoints.http.shapes import PAGE, REFERENCE, Document

_SOME = "Some"

_MEANING = {
    Operator.EQ: "Equals; repeat it for one of several values.",
    Operator.NE: "Differs; repeat it for none of several values.",
    Operator.GT: "After or above.",
    Operator.GTE: "At, after or above.",
    Operator.LT: "Before or below.",
    Operator.LTE: "At, before or below.",
    Operator.PREFIX: "Starts with.",
    Operator.NULL: "true: has no value; false: has one.",
}

_PAGING: Document = {
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": MOST_LIMIT, "default": 50},
        "How many items; of more than {most} the first {most} are given.",
    ),
    "sort": ({"type": "string"}, "Fields in order, `-` before descending ones: {sorts}."),
    "cursor": ({"type": "string"}, "The `next` of the page before."),
    "fields": ({"type": "string"}, "The only fields to give, separated by commas."),
}


def list_parameters(query: ListQuery[Any]) -> list[Document]:
    """Describe the parameters that a list takes."""
    found: list[Document] = []
    for name, one in query.filterable.items():
        schema = one.adapter.json_schema()
        for operator in one.operators:
            found.append(_filter_parameter(name, operator, schema))
    texts = {
        "most": query.listing.largest,
        "sorts": ", ".join(f"`{one.replace('_', '-')}`" for one in query.listing.sorts),
    }
    patterns = {
        "sort": _sort_pattern([kebab(one) for one in query.listing.sorts]),
        "fields": _fields_pattern([kebab(one) for one in query.listing.kind.__dataclass_fields__]),
    }
    for name, (schema, text) in _PAGING.items():
        exact = {"pattern": patterns[name]} if name in patterns else {}
        found.append(_query_parameter(name, {**schema, **exact}, text.format(**texts)))
    return found


def or_groups(query: ListQuery[Any]) -> str:
    """Say which filters can be joined by OR, which no parameter of the document can."""
    if not query.listing.or_groups:
        return "Filters are joined by AND; there are no or-groups."
    names = ", ".join(f"`{name}`" for name in query.filterable)
    return (
        "`or.<group>.<filter>=value` joins the filters of a group by OR, at most "
        f"{MOST_TERMS} of them in each of {MOST_GROUPS} groups; a group has 1 to "
        f"{LONGEST_GROUP} letters or digits. Filters, each with its comparisons: {names}."
    )


def list_response(kind: str) -> Document:
    """Describe the answer that a page is."""
    schema = {"$ref": f"{REFERENCE}{kind}{PAGE}"}
    return {"description": "A page.", "content": {"application/json": {"schema": schema}}}


def add_pages(schemas: Document, kinds: Sequence[str]) -> None:
    """Add the schema of a page of each kind, and of its items where only some fields are asked."""
    for name in kinds:
        schemas[f"{_SOME}{name}"] = _sparse(f"{_SOME}{name}", schemas[name])
        schemas[f"{name}{PAGE}"] = _page(name)


def _sort_pattern(names: Sequence[str]) -> str:
    """Give the pattern of some of the names, each once, in any order and direction."""
    orders = (
        order for size in range(1, len(names) + 1) for order in permutations(names, size)
    )
    return f"^({'|'.join(','.join(f'-?{name}' for name in order) for order in orders)})$"


def _fields_pattern(names: Sequence[str]) -> str:
    """Give the pattern of some of the names, in any order."""
    one = f"({'|'.join(names)})"
    return f"^{one}(,{one})*$"


def _filter_parameter(name: str, operator: Operator, schema: Document) -> Document:
    if operator is Operator.NULL:
        schema = {"type": "boolean"}
    if operator is Operator.PREFIX:
        schema = {"type": "string", "minLength": 1, "maxLength": 200}
    if operator in (Operator.EQ, Operator.NE):
        schema = {"type": "array", "items": schema, "maxItems": 50}
    full = name if operator is Operator.EQ else f"{name}.{operator.value}"
    return _query_parameter(full, schema, _MEANING[operator])


def _query_parameter(name: str, schema: Document, text: str) -> Document:
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}


def _sparse(title: str, schema: Document) -> Document:
    """Give the schema of those fields that `fields` asks for."""
    whole = {name: value for name, value in schema.items() if name != "required"}
    told = {"title": title, "description": "Only the fields that `fields` names."}
    return {**whole, **told, "minProperties": 1}


def _page(kind: str) -> Document:
    return {
        "type": "object",
        "title": f"{kind}{PAGE}",
        "description": "Some of the records that were asked for.",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "items": {"anyOf": [
                    {"$ref": f"#/components/schemas/{kind}"},
                    {"$ref": f"#/components/schemas/{_SOME}{kind}"},
                ]},
            },
            "next": {"type": "string", "description": "The cursor of the next page, if any."},
        },
    }
