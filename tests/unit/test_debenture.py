"""504: the debenture's payment dates and the premium for prepaying it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.debenture import (
    FACTORS,
    next_payment_number,
    payment_date,
    premium_factor,
    prepayment_premium,
    year_of,
)

DAYS = st.dates(date(1999, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("dated_on", "dates"),
    [
        (date(2024, 1, 1), ["2024-07-01", "2025-01-01", "2025-07-01"]),
        (date(2023, 8, 31), ["2024-02-29", "2024-08-31", "2025-02-28"]),
        (date(2024, 10, 30), ["2025-04-30", "2025-10-30", "2026-04-30"]),
    ],
)
def test_payment_dates_are_every_six_months(dated_on: date, dates: list[str]) -> None:
    found = [payment_date(dated_on, number) for number in (1, 2, 3)]
    assert [day.isoformat() for day in found] == dates


@given(DAYS, st.integers(0, 11_000))
def test_the_next_payment_date_is_the_first_from_the_day_on(dated_on: date, days: int) -> None:
    day = dated_on + timedelta(days=days)
    number = next_payment_number(dated_on, day)
    assert payment_date(dated_on, number) >= day
    assert number == 1 or payment_date(dated_on, number - 1) < day


def test_a_payment_date_is_its_own_next_one() -> None:
    dated_on = date(2024, 1, 1)
    assert next_payment_number(dated_on, date(2025, 1, 1)) == 2
    assert next_payment_number(dated_on, date(2025, 1, 2)) == 3


def test_the_premium_declines_by_a_tenth_or_a_fifth_each_year() -> None:
    tenths = ["1", "0.9", "0.8", "0.7", "0.6", "0.5", "0.4", "0.3", "0.2", "0.1", "0", "0"]
    for term_years in (20, 25):
        found = [premium_factor(term_years, year) for year in range(1, 13)]
        assert found == [Decimal(one) for one in tenths]
    assert [premium_factor(10, year) for year in range(1, 8)] == [
        Decimal(one) for one in ("1", "0.8", "0.6", "0.4", "0.2", "0", "0")
    ]


def test_the_premium_of_a_published_table_agrees() -> None:
    # growthcorp.com, "Understanding SBA 504 pre-payment penalties", a debenture at 5.82 %.
    table = "5.82 5.238 4.656 4.074 3.492 2.910 2.328 1.746 1.164 0.582".split()
    found = [Decimal("5.82") * premium_factor(25, year) for year in range(1, 11)]
    assert found == [Decimal(one) for one in table]


@pytest.mark.parametrize(("number", "year"), [(1, 1), (2, 1), (3, 2), (4, 2), (20, 10), (21, 11)])
def test_two_payment_dates_are_of_a_year(number: int, year: int) -> None:
    assert year_of(number) == year


def test_the_premium_is_on_the_debentures_rate_and_rounded_once() -> None:
    terms = Decimal("903000.55"), Decimal("0.0292"), 20
    assert prepayment_premium(*terms, 6) == Decimal("21094.09")
    assert prepayment_premium(*terms, 7) == Decimal("18457.33")
    assert prepayment_premium(*terms, 20) == Decimal("2636.76")
    assert prepayment_premium(*terms, 21) == Decimal("0.00")


@given(
    st.decimals(0, 10**9, places=2), st.decimals(0, 1, places=6), st.sampled_from(sorted(FACTORS)),
    st.integers(1, 60),
)
def test_the_premium_never_rises(
    balance: Decimal, rate: Decimal, term_years: int, number: int
) -> None:
    found = prepayment_premium(balance, rate, term_years, number)
    assert found.as_tuple().exponent == -2
    assert found >= prepayment_premium(balance, rate, term_years, number + 1) >= 0
