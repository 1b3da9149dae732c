"""Records that are made of values in a row are those that their class makes."""

from dataclasses import FrozenInstanceError, fields, replace
from decimal import Decimal
from typing import Any

import pytest

from application.audit.record import AuditRecord, Change
from domain.drafts import altered, maker_of
from domain.errors import Invalid
from domain.model import kind_name
from tests.unit.payoff_facts import a_loan
from tests.unit.test_model import ADA, FULL, RESOURCES

NAMES = tuple(field.name for field in fields(FULL))


def values_of(record: Any, names: tuple[str, ...]) -> list[Any]:
    """Give the values of some fields, in order."""
    return [getattr(record, name) for name in names]


def test_a_record_is_made_of_its_values_in_any_order() -> None:
    for names in (NAMES, NAMES[::-1]):
        made = maker_of(type(FULL), names)(values_of(FULL, names))
        assert made == FULL and type(made) is type(FULL)


def test_fields_without_a_value_have_their_defaults() -> None:
    assert maker_of(type(FULL), ("name",))(["n"]) == type(FULL)(name="n")
    names = ("kind", "key", "operation", "version")
    first, second = (maker_of(Change, names)(["payoff", "1", "add", 1]) for _ in range(2))
    assert first.fields == {} and first.fields is not second.fields


def test_a_value_that_is_wanting_or_too_much_is_an_error() -> None:
    make = maker_of(type(FULL), NAMES)
    for values in (values_of(FULL, NAMES)[:-1], [*values_of(FULL, NAMES), 1]):
        with pytest.raises(TypeError):
            make(values)
    with pytest.raises(TypeError):
        maker_of(type(FULL), ("name",))(["n", "a description"])


def test_what_a_model_checks_is_checked() -> None:
    loan = a_loan()
    names = tuple(field.name for field in fields(loan))
    wrong = {"principal": Decimal("0.001")}
    with pytest.raises(Invalid, match="principal"):
        maker_of(type(loan), names)([wrong.get(name, getattr(loan, name)) for name in names])


@pytest.mark.parametrize("kind", [*RESOURCES, AuditRecord], ids=kind_name)
def test_a_record_of_every_kind_can_be_made_so(kind: type[Any]) -> None:
    blank = object.__new__(kind)
    for number, field in enumerate(fields(kind)):
        object.__setattr__(blank, field.name, number)
    other = altered(blank)
    assert isinstance(other, kind) and other is not blank and other == blank


def test_a_record_made_of_a_draft_is_frozen() -> None:
    made: Any = maker_of(type(FULL), NAMES)(values_of(FULL, NAMES))
    changed: Any = altered(ADA, version=3)
    for record in (made, changed):
        with pytest.raises(FrozenInstanceError):
            record.version = 9
        assert replace(record, version=1).version == 1 and hash(altered(ADA)) == hash(ADA)
