"""Simple interest: days counted by the book, rates by their dates, money rounded once."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.interest import (
    UNITS_A_YEAR,
    DayCount,
    accrued,
    cents,
    days_between,
    elapsed,
    per_diem,
    share,
)
from domain.rates import RateChange, Rates

MONEY = st.decimals(Decimal("0.01"), Decimal("99999999999999999.99"), places=2)
RATES = st.decimals(0, 1, places=6)
DAYS = st.dates(date(1999, 1, 1), date(2099, 12, 31))
ACTUAL = [DayCount.ACT_365F, DayCount.ACT_360]


def days_of(start: date, end: date) -> list[date]:
    """Give the days from one on, before another."""
    return [start + timedelta(days=n) for n in range((end - start).days)]


def year_part(basis: DayCount, start: date, end: date) -> Fraction:
    """Give the part of a year between two days, by the definition of the basis."""
    if basis is DayCount.ACT_ACT:
        lengths = (monthrange(day.year, day.month)[1] for day in days_of(start, end))
        return sum((Fraction(1, 12 * length) for length in lengths), Fraction(0))
    year = 365 if basis is DayCount.ACT_365F else 360
    return Fraction(days_between(basis, start, end), year)


def half_up(exact: Fraction) -> Decimal:
    """Round to the cent in whole numbers."""
    hundredths = (exact * 200).numerator // (exact * 200).denominator
    return Decimal((hundredths + 1) // 2).scaleb(-2)


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
    assert days_between(basis, day, day) == elapsed(basis, day, day) == 0


@pytest.mark.parametrize("basis", [*ACTUAL, DayCount.ACT_ACT])
def test_actual_days_leave_out_the_last_day_and_know_leap_years(basis: DayCount) -> None:
    assert days_between(basis, date(2026, 6, 15), date(2026, 7, 3)) == 18
    assert days_between(basis, date(2024, 2, 28), date(2024, 3, 1)) == 2


@given(DAYS, st.integers(0, 800), st.sampled_from(DayCount))
def test_the_part_of_a_year_is_that_of_the_basis(day: date, ahead: int, basis: DayCount) -> None:
    end = day + timedelta(days=ahead)
    units = Fraction(elapsed(basis, day, end), UNITS_A_YEAR[basis])
    assert units == year_part(basis, day, end)


def test_every_month_bears_a_twelfth_where_it_is_prorated() -> None:
    first = [date(2024, month, 1) for month in range(1, 13)] + [date(2025, 1, 1)]
    twelfths = {
        elapsed(DayCount.ACT_ACT, start, end) for start, end in zip(first, first[1:])
    }
    assert twelfths == {UNITS_A_YEAR[DayCount.ACT_ACT] // 12}


def test_interest_prorated_by_month_agrees_with_the_textbook() -> None:
    # "Understanding the mathematics of personal finance", Proration: 10 % a year, 20 days of 30.
    found = accrued(
        Decimal("10337.52"), Rates(Decimal("0.10")), DayCount.ACT_ACT,
        date(2026, 4, 1), date(2026, 4, 21),
    )
    assert found == Decimal("57.43")
    assert Decimal("10337.52") + found == Decimal("10394.95")


def test_interest_is_rounded_once_at_the_end() -> None:
    principal, rate = Decimal("412350.75"), Decimal("0.1075")
    start, end = date(2026, 6, 15), date(2026, 7, 3)
    assert per_diem(principal, rate, DayCount.ACT_365F, end) == Decimal("121.44577")
    assert accrued(principal, Rates(rate), DayCount.ACT_365F, start, end) == Decimal("2186.02")
    assert cents(Decimal("121.45") * 18) == Decimal("2186.10")


def test_half_a_cent_rounds_up() -> None:
    assert cents(Decimal("0.005")) == Decimal("0.01")
    assert cents(Decimal("2.675")) == Decimal("2.68")
    start, end = date(2026, 7, 1), date(2026, 7, 2)
    half = accrued(Decimal("36.00"), Rates(Decimal("0.05")), DayCount.ACT_360, start, end)
    assert half == Decimal("0.01")


@given(MONEY, RATES, st.sampled_from(DayCount), DAYS, st.integers(0, 3_660))
def test_interest_is_the_exact_amount_rounded_half_up(
    principal: Decimal, rate: Decimal, basis: DayCount, start: date, days: int
) -> None:
    end = start + timedelta(days=days)
    exact = Fraction(principal) * Fraction(rate) * Fraction(
        elapsed(basis, start, end), UNITS_A_YEAR[basis]
    )
    found = accrued(principal, Rates(rate), basis, start, end)
    assert found == half_up(exact)
    assert found.as_tuple().exponent == -2


@given(MONEY, RATES, st.sampled_from(DayCount), DAYS)
def test_a_days_interest_has_five_places(
    principal: Decimal, rate: Decimal, basis: DayCount, day: date
) -> None:
    found = per_diem(principal, rate, basis, day)
    part = (
        Fraction(1, 12 * monthrange(day.year, day.month)[1])
        if basis is DayCount.ACT_ACT else Fraction(1, UNITS_A_YEAR[basis])
    )
    exact = Fraction(principal) * Fraction(rate) * part
    assert found.as_tuple().exponent == -5
    assert abs(exact - Fraction(found)) <= Fraction(1, 200_000)


@given(MONEY, RATES, st.sampled_from(DayCount), DAYS, st.integers(0, 400), st.integers(0, 400))
def test_more_days_never_cost_less(
    principal: Decimal, rate: Decimal, basis: DayCount, start: date, days: int, more: int
) -> None:
    sooner, later = start + timedelta(days=days), start + timedelta(days=days + more)
    rates = Rates(rate)
    assert accrued(principal, rates, basis, start, sooner) <= accrued(
        principal, rates, basis, start, later
    )


@given(st.decimals(0, 10**9, places=2), RATES, RATES, DAYS, st.integers(2, 90), st.data())
def test_a_change_of_rate_bears_on_the_days_from_its_date_on(
    principal: Decimal, rate: Decimal, other: Decimal, start: date, days: int, data: st.DataObject
) -> None:
    turn = data.draw(st.integers(1, days - 1))
    change = RateChange(effective_on=start + timedelta(days=turn), annual_rate=other)
    rates = Rates(rate, (change,))
    end = start + timedelta(days=days)
    exact = Fraction(principal) * (
        Fraction(rate) * turn + Fraction(other) * (days - turn)
    ) / 365
    assert accrued(principal, rates, DayCount.ACT_365F, start, end) == half_up(exact)
    assert rates.changes_between(start, end) == (change,)
    assert (rates.on(change.effective_on - timedelta(days=1)), rates.on(end)) == (rate, other)


@given(MONEY, RATES, st.sampled_from(DayCount), DAYS, st.integers(1, 400), st.data())
def test_a_change_to_the_same_rate_changes_nothing(
    principal: Decimal, rate: Decimal, basis: DayCount, start: date, days: int, data: st.DataObject
) -> None:
    on = start + timedelta(days=data.draw(st.integers(0, days)))
    changed = Rates(rate, (RateChange(effective_on=on, annual_rate=rate),))
    end = start + timedelta(days=days)
    assert accrued(principal, changed, basis, start, end) == accrued(
        principal, Rates(rate), basis, start, end
    )


def test_a_change_on_the_last_day_or_before_the_first_splits_nothing() -> None:
    start, end = date(2026, 7, 1), date(2026, 7, 11)
    before = RateChange(effective_on=start, annual_rate=Decimal("0.2"))
    after = RateChange(effective_on=end, annual_rate=Decimal("0.9"))
    rates = Rates(Decimal("0.1"), (before, after))
    assert not rates.changes_between(start, end)
    found = accrued(Decimal("3650.00"), rates, DayCount.ACT_365F, start, end)
    assert found == Decimal("20.00")


def test_other_threads_settings_of_decimals_do_not_matter() -> None:
    terms = Decimal("99999999999999999.99"), Rates(Decimal("0.123457"))
    days = date(2000, 1, 1), date(2099, 12, 31)
    usual = accrued(*terms, DayCount.ACT_ACT, *days)
    with localcontext() as context:
        context.rounding = "ROUND_DOWN"
        assert accrued(*terms, DayCount.ACT_ACT, *days) == usual


@given(st.decimals(0, 10**12, places=2), RATES)
def test_a_share_is_rounded_once(amount: Decimal, fraction: Decimal) -> None:
    with localcontext() as context:
        context.prec = 60
        expected = (amount * fraction * fraction).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert share(amount, fraction, fraction) == expected
