"""What a list can be filtered by: the fields, their comparisons, and how their values are read."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from annotated_types import MaxLen, MinLen
from pydantic import TypeAdapter, ValidationError

from application.query import Filter, Listing, Operator
from domain.model import Form, Record
from entrypoints.wording import A_DATE, A_NUMBER, A_TIME, YES_OR_NO, plainly

_ORDERED = (Operator.GT, Operator.GTE, Operator.LT, Operator.LTE)

_START: TypeAdapter[Any] = TypeAdapter(Annotated[str, MinLen(1), MaxLen(200)])
"""What a text can begin with, however long it has to be itself."""


@dataclass(frozen=True, slots=True)
class Filterable:
    """A field that the list of a resource can be filtered by."""

    field: Filter
    operators: tuple[Operator, ...]
    adapter: TypeAdapter[Any]

    def value(self, operator: Operator, text: str) -> Any:
        """Read a value; raises ValueError with what to send instead."""
        if operator is Operator.NULL:
            if text not in ("true", "false"):
                raise ValueError(YES_OR_NO)
            return text == "true"
        adapter = _START if operator is Operator.PREFIX else self.adapter
        try:
            found = adapter.validate_strings(text, strict=True)
        except ValidationError as error:
            one = error.errors(include_url=False)[0]
            raise ValueError(plainly(one)) from None
        _check_spelling(found, text)
        return found


def filterable_fields(listing: Listing[Any]) -> dict[str, Filterable]:
    """Give what the list of a resource can be filtered by, as query strings spell it."""
    own = {name: Filter(name, type_of(listing.kind, name)) for name in listing.filters}
    found = {
        kebab(name): Filterable(one, _operators(listing.kind, name), TypeAdapter(_any_form(one.of)))
        for name, one in own.items()
    }
    for name, one in listing.more_filters.items():
        found[kebab(name)] = Filterable(one, one.operators, TypeAdapter(one.of))
    return found


def kebab(name: str) -> str:
    """Give a field's name as query strings spell it."""
    return name.replace("_", "-")


def type_of(kind: type[Record], name: str) -> Any:
    """Give a field's type without None, with its constraints."""
    declared = get_type_hints(kind, include_extras=True)[name]
    if get_origin(declared) in (Union, UnionType):
        return next(one for one in get_args(declared) if one is not NoneType)
    return declared


def _any_form(of: Any) -> Any:
    """Give a type without its form: a filter may ask for what no record has."""
    if get_origin(of) is not Annotated:
        return of
    bare, *marks = get_args(of)
    kept = [mark for mark in marks if not isinstance(mark, Form)]
    return Annotated[bare, *kept] if kept else bare


def _operators(kind: type[Record], name: str) -> tuple[Operator, ...]:
    of = _bare(type_of(kind, name))
    operators: tuple[Operator, ...] = (Operator.EQ, Operator.NE)
    if of is bool:
        operators = (Operator.EQ,)
    elif of is str:
        operators = (*operators, Operator.PREFIX)
    elif of in (int, date, datetime, Decimal):
        operators = (*operators, *_ORDERED)
    if NoneType in get_args(get_type_hints(kind)[name]):
        operators = (*operators, Operator.NULL)
    return operators


def _bare(of: Any) -> Any:
    return get_args(of)[0] if get_origin(of) is Annotated else of


def _check_spelling(found: Any, text: str) -> None:
    """Refuse what pydantic reads and people would not: 1_000, yes, or seconds from 1970."""
    if isinstance(found, bool):
        good, instead = text in ("true", "false"), YES_OR_NO
    elif isinstance(found, int):
        good, instead = text == str(found), A_NUMBER
    elif isinstance(found, datetime):
        good = found.tzinfo is not None and text[4:5] == "-"
        instead = A_TIME
    elif isinstance(found, date):
        good, instead = text == found.isoformat(), A_DATE
    else:
        return
    if not good:
        raise ValueError(instead)
