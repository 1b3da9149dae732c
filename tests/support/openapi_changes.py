"""Tells which differences of two OpenAPI documents break clients that were written for the first.

What a client sends must still be taken, and what it is answered must still be what it knows.
Members that are new in an answer break nobody: clients leave alone what they do not know.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]
Schema = Mapping[str, Any]

SCOPE = re.compile(r"Scope: `([^`]+)`")
PROBLEM = "Problem"

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "format", "multipleOf")


def breaking(before: Document, after: Document) -> list[str]:
    """Name every difference that breaks a client, each in a line, in the order of the paths."""
    return list(dict.fromkeys(Comparison(before, after).paths()))


def changed(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """Name every place at which two documents differ, with `/` between the members."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from changed(before.get(name), after.get(name), f"{place}/{name}")
    elif before != after:
        yield place


@dataclass(frozen=True)
class Choice:
    """One of the schemas that a value may follow; it has one type at most."""

    name: str | None
    schema: Schema

    @property
    def type(self) -> str:
        """The JSON type that the value has to have."""
        return str(self.schema.get("type", "anything"))

    @property
    def required(self) -> set[str]:
        """The members that the value has to have."""
        return set(self.schema.get("required", ()))


Judge = Callable[[str, Choice, Choice], Iterable[str]]


@dataclass(frozen=True)
class Comparison:
    """Two documents side by side."""

    before: Document
    after: Document
    seen: set[tuple[str, str]] = field(default_factory=set)
    """The models that have been compared, as sent or as answered."""

    def paths(self) -> Iterator[str]:
        """Compare every operation that there was."""
        for path, methods in self.before["paths"].items():
            for method, old in methods.items():
                place = f"{method} {path}"
                new = self.after["paths"].get(path, {}).get(method)
                if new is None:
                    yield f"{place}: is gone"
                else:
                    yield from self._operation(place, old, new)

    def _operation(self, place: str, old: Document, new: Document) -> Iterator[str]:
        for name, read in FIXED.items():
            if read(old) != read(new):
                yield f"{place}: {name} was {read(old)}, is {read(new)}"
        yield from self._parameters(place, _parameters(old), _parameters(new))
        yield from self._body(place, old.get("requestBody"), new.get("requestBody"))
        yield from self._responses(place, old["responses"], new["responses"])

    def _parameters(self, place: str, old: Document, new: Document) -> Iterator[str]:
        for name, parameter in new.items():
            required = parameter.get("required", False)
            if required and not old.get(name, {}).get("required", False):
                yield f"{place}: {name} is required now"
        for name, parameter in old.items():
            if name in new:
                schemas = parameter["schema"], new[name]["schema"]
                yield from self._sent(f"{place}: {name}", *schemas)
            else:
                yield f"{place}: {name} is gone"

    def _body(self, place: str, old: Document | None, new: Document | None) -> Iterator[str]:
        old, new = old or NO_BODY, new or NO_BODY
        if new.get("required", False) and not old.get("required", False):
            yield f"{place}: a body is required now"
        for kind, media in old["content"].items():
            if kind in new["content"]:
                schemas = media["schema"], new["content"][kind]["schema"]
                yield from self._sent(f"{place}: body", *schemas)
            else:
                yield f"{place}: takes no {kind} any more"

    def _responses(self, place: str, old: Document, new: Document) -> Iterator[str]:
        known, given = _successes(old), _successes(new)
        if known != given:
            yield f"{place}: success was {' '.join(known)}, is {' '.join(given)}"
        for status in (one for one in old if one in new):
            where = _last(old[status].get("$ref")) or f"{place}: {status}"
            parts = _resolved(self.before, old[status]), _resolved(self.after, new[status])
            yield from self._response(where, *parts)

    def _response(self, place: str, old: Document, new: Document) -> Iterator[str]:
        for name in old.get("headers", {}):
            if name not in new.get("headers", {}):
                yield f"{place}: header {name} is gone"
        for kind, media in old.get("content", {}).items():
            if kind in new.get("content", {}):
                schemas = media["schema"], new["content"][kind]["schema"]
                yield from self._answered(place, *schemas)
            else:
                yield f"{place}: gives no {kind} any more"

    def _sent(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        """Compare what may be sent: all that was good must be good still."""
        choices = _choices(self.after, new)
        for one in _choices(self.before, old):
            yield from self._nearest(place, one, choices, self._narrower, "sent")

    def _answered(self, place: str, old: Schema, new: Schema) -> Iterator[str]:
        """Compare what may be answered: it must be something that was known before."""
        choices = _choices(self.before, old)
        for one in _choices(self.after, new):
            yield from self._nearest(place, one, choices, self._wider, "answered")

    def _nearest(
        self, place: str, one: Choice, others: list[Choice], judge: Judge, way: str
    ) -> Iterable[str]:
        """Compare a choice with the one that it comes from: the same model, else the most alike."""
        if one.name is not None and one.name in [other.name for other in others]:
            if (one.name, way) in self.seen:
                return ()
            self.seen.add((one.name, way))
            place, others = one.name, [other for other in others if other.name == one.name]
        alike = [other for other in others if other.type == one.type] or others
        return min((list(judge(place, one, other)) for other in alike), key=len)

    def _narrower(self, place: str, old: Choice, new: Choice) -> Iterator[str]:
        if new.type not in (old.type, "anything"):
            yield f"{place}: {old.type} is not taken any more, but {new.type}"
            return
        yield from _lost(place, old.schema, new.schema)
        yield from _tightened(place, old.schema, new.schema)
        for name in sorted(new.required - old.required):
            yield f"{place}.{name}: is required now"
        yield from self._members(place, old.schema, new.schema, self._sent)
        if _is_open(old.schema) and not _is_open(new.schema):
            yield f"{place}: members of other names are not taken any more"

    def _wider(self, place: str, new: Choice, old: Choice) -> Iterator[str]:
        if old.type not in (new.type, "anything"):
            yield f"{place}: may be {new.type} now, was {old.type}"
            return
        # Of a problem that is new, its status says enough (RFC 9457, section 3.1.1).
        if place != f"{PROBLEM}.type":
            yield from _added(place, old.schema, new.schema)
        told = old.schema.get("format"), new.schema.get("format")
        if told[0] is not None and told[0] != told[1]:
            yield f"{place}: format was {told[0]}, is {told[1]}"
        for name in sorted((old.required - new.required) & new.schema.get("properties", {}).keys()):
            yield f"{place}.{name}: may be left out now"
        yield from self._members(place, old.schema, new.schema, self._answered)

    def _members(
        self, place: str, old: Schema, new: Schema,
        compare: Callable[[str, Schema, Schema], Iterator[str]],
    ) -> Iterator[str]:
        given = new.get("properties", {})
        for name, member in old.get("properties", {}).items():
            if name in given:
                yield from compare(f"{place}.{name}", member, given[name])
            else:
                yield f"{place}.{name}: is gone"
        if "items" in old and "items" in new:
            yield from compare(f"{place}[]", old["items"], new["items"])


NO_BODY: Document = {"content": {}}


def _scope(operation: Document) -> str | None:
    found = SCOPE.search(operation.get("description", ""))
    return found[1] if found else None


FIXED: Mapping[str, Callable[[Document], Any]] = {
    "operationId": lambda operation: operation.get("operationId"),
    "security": lambda operation: operation.get("security"),
    "scope": _scope,
}
"""What of an operation has to stay exactly as it is."""


def _parameters(operation: Document) -> dict[str, Document]:
    return {f"{one['in']} {one['name']}": one for one in operation.get("parameters", ())}


def _successes(responses: Document) -> list[str]:
    return sorted(status for status in responses if status.startswith("2"))


def _last(reference: str | None) -> str | None:
    return reference.rpartition("/")[2] if reference else None


def _resolved(document: Document, part: Any) -> Any:
    """Give what a part refers to, with what stands beside the reference."""
    while "$ref" in part:
        beside = {name: value for name, value in part.items() if name != "$ref"}
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = {**found, **beside}
    return part


def _choices(document: Document, schema: Schema) -> list[Choice]:
    """Give the schemas of which one must hold."""
    name, schema = _last(schema.get("$ref")), _resolved(document, schema)
    assert not {"allOf", "oneOf"} & schema.keys(), "our documents have anyOf only"
    if "anyOf" in schema:
        return [one for part in schema["anyOf"] for one in _choices(document, part)]
    types = schema.get("type")
    if isinstance(types, list):
        return [Choice(name, {**schema, "type": one}) for one in types]
    return [Choice(name, schema)]


def _is_open(schema: Schema) -> bool:
    return schema.get("additionalProperties") is not False


def _lost(place: str, old: Schema, new: Schema) -> Iterator[str]:
    if "enum" in new and "enum" not in old:
        yield f"{place}: takes only some values now"
    for value in old.get("enum", ()):
        if value not in new.get("enum", [value]):
            yield f"{place}: '{value}' is not taken any more"


def _added(place: str, old: Schema, new: Schema) -> Iterator[str]:
    if "enum" in old and "enum" not in new:
        yield f"{place}: any value may come now"
    for value in new.get("enum", ()):
        if value not in old.get("enum", [value]):
            yield f"{place}: '{value}' may come now"


def _tightened(place: str, old: Schema, new: Schema) -> Iterator[str]:
    for names, sign in ((LOWER_BOUNDS, 1), (UPPER_BOUNDS, -1)):
        for name in names:
            if name in new and (name not in old or sign * new[name] > sign * old[name]):
                yield f"{place}: {name} was {old.get(name)}, is {new[name]}"
    for name in EXACT:
        if name in new and new[name] != old.get(name):
            yield f"{place}: {name} was {old.get(name)}, is {new[name]}"
