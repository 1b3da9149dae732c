"""Values in statements: lists of few lengths, and never an empty text, which Oracle has not."""

from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sql.binding import MOST_IN_A_LIST, in_lists
from adapters.sql.query import prepared
from adapters.sql.tables import TABLES
from application.query import Operator, Order, Query, Term
from domain.resource import Resource

ORDER = (Order("created_at"), Order("id"))


@given(st.lists(st.integers(), max_size=2_500))
def test_lists_hold_every_value_and_no_other(values: list[int]) -> None:
    lists = list(in_lists(values))
    assert set(chain.from_iterable(lists)) == set(values)
    parts = range(0, len(values), MOST_IN_A_LIST)
    assert [values[start: start + MOST_IN_A_LIST] for start in parts] == [
        some[: len(values) - start] for start, some in zip(parts, lists, strict=True)
    ]


def test_lists_are_of_few_lengths_which_oracle_takes() -> None:
    lengths = {len(some) for number in range(2_100) for some in in_lists(range(number))}
    assert lengths == {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, MOST_IN_A_LIST}


def test_no_value_makes_no_list() -> None:
    assert not list(in_lists([]))


def asked(operator: Operator, *values: str) -> tuple[str, dict[str, Any]]:
    """Give the text and the parameters of a question about a client."""
    query = Query(clauses=((Term("client_id", operator, values),),), order=ORDER)
    statement, parameters = prepared(TABLES[Resource], query)
    return str(statement), parameters


@pytest.mark.parametrize("operator", [one for one in Operator if one is not Operator.NULL])
@pytest.mark.parametrize("values", [("",), ("", "prepay"), ("prepay", "", "lx")], ids=repr)
def test_an_empty_text_is_never_bound(operator: Operator, values: tuple[str, ...]) -> None:
    _, parameters = asked(operator, *values)
    bound = chain.from_iterable(
        value if isinstance(value, list) else [value] for value in parameters.values()
    )
    assert "" not in list(bound)


@pytest.mark.parametrize(
    ("operator", "values", "like"),
    [
        (Operator.NE, ("", "lx"), (Operator.NE, "lx")),
        (Operator.EQ, ("", "lx"), (Operator.EQ, "lx")),
        (Operator.LT, ("",), (Operator.EQ,)),
        (Operator.GTE, ("",), (Operator.NULL, False)),
        (Operator.PREFIX, ("",), (Operator.NULL, False)),
    ],
)
def test_a_question_about_an_empty_text_asks_what_it_means(
    operator: Operator, values: tuple[str, ...], like: tuple[Any, ...]
) -> None:
    assert asked(operator, *values) == asked(*like)


@pytest.mark.parametrize("operator", [Operator.EQ, Operator.NE])
def test_like_numbers_of_values_make_one_text(operator: Operator) -> None:
    for fewer, more in ((65, 128), (513, 1_000)):
        lengths = [
            len(asked(operator, *map(str, range(number)))[1]["value_0"])
            for number in (fewer, more)
        ]
        assert lengths[0] == lengths[1]
