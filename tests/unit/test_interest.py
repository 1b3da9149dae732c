"""Simple interest: days counted by the book, money rounded once."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.interest import DayCount, accrued, cents, days_between, per_diem, year_days

MONEY = st.decimals(Decimal("0.01"), Decimal("999999999999.99"), places=2)
RATES = st.decimals(0, 1, places=6)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2026, 1, 15), date(2026, 2, 15), 30),
        (date(2026, 1, 31), date(2026, 3, 31), 60),
        (date(2026, 1, 30), date(2026, 1, 31), 0),
        (date(2026, 1, 30), date(2026, 3, 31), 60),
        (date(2026, 1, 29), date(2026, 3, 31), 62),
        (date(2026, 1, 31), date(2026, 2, 28), 28),
        (date(2026, 2, 28), date(2026, 3, 1), 1),
        (date(2026, 2, 28), date(2026, 3, 30), 30),
        (date(2026, 2, 28), date(2026, 3, 31), 30),
        (date(2024, 2, 28), date(2024, 2, 29), 1),  # the 28th ends no February in a leap year
        (date(2024, 2, 28), date(2024, 3, 31), 33),
        (date(2024, 2, 29), date(2024, 3, 31), 30),
        (date(2024, 2, 29), date(2025, 2, 28), 360),
        (date(2023, 2, 28), date(2024, 2, 29), 360),
        (date(2024, 2, 29), date(2028, 2, 29), 1440),
        (date(2023, 2, 28), date(2024, 2, 28), 358),
        (date(2026, 12, 31), date(2027, 1, 1), 1),
    ],
)
def test_30_360_counts_days_as_us_bonds_do(start: date, end: date, days: int) -> None:
    assert days_between(DayCount.THIRTY_360, start, end) == days


@given(st.dates(), st.sampled_from(DayCount))
def test_no_interest_runs_on_the_day_itself(day: date, basis: DayCount) -> None:
    assert days_between(basis, day, day) == 0


@pytest.mark.parametrize("basis", [DayCount.ACT_365F, DayCount.ACT_360])
def test_actual_days_leave_out_the_last_day_and_know_leap_years(basis: DayCount) -> None:
    assert days_between(basis, date(2026, 6, 15), date(2026, 7, 3)) == 18
    assert days_between(basis, date(2024, 2, 28), date(2024, 3, 1)) == 2


def test_a_year_is_365_or_360_days() -> None:
    assert [year_days(basis) for basis in DayCount] == [365, 360, 360]


def test_interest_is_rounded_once_at_the_end() -> None:
    principal, rate = Decimal("412350.75"), Decimal("0.1075")
    assert per_diem(principal, rate, DayCount.ACT_365F) == Decimal("121.44577")
    assert accrued(principal, rate, DayCount.ACT_365F, 18) == Decimal("2186.02")
    assert cents(Decimal("121.45") * 18) == Decimal("2186.10")


def test_half_a_cent_rounds_up() -> None:
    assert cents(Decimal("0.005")) == Decimal("0.01")
    assert cents(Decimal("2.675")) == Decimal("2.68")
    assert accrued(Decimal("36.00"), Decimal("0.05"), DayCount.ACT_360, 1) == Decimal("0.01")


@given(MONEY, RATES, st.sampled_from(DayCount), st.integers(0, 36_600))
def test_interest_is_within_half_a_cent_of_the_exact_amount(
    principal: Decimal, rate: Decimal, basis: DayCount, days: int
) -> None:
    exact = Fraction(principal) * Fraction(rate) * days / year_days(basis)
    found = accrued(principal, rate, basis, days)
    assert found.as_tuple().exponent == -2
    assert -Fraction(1, 200) < exact - Fraction(found) < Fraction(1, 200) or (
        Fraction(found) - exact == Fraction(1, 200)
    )
