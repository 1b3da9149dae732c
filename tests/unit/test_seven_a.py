"""7(a): who owes the recoupment fee, and what a short notice costs, to the day and the cent."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.interest import DayCount, accrued, cents
from domain.rates import RateChange, Rates
from domain.seven_a import (
    Prepaid,
    needs_notice,
    notice_lapses,
    recoupment_fee,
    short_notice_interest,
    years_since,
)

DISBURSED = date(2024, 3, 15)
MONEY = st.decimals(Decimal("0.01"), Decimal("9999999999.99"), places=2)
MILLION = Decimal("1000000.00")


def fee(amount: str | Decimal = MILLION, on: date = date(2024, 9, 15), **facts: Any) -> Decimal:
    """Give the fee on one prepayment of a long loan of a million."""
    given_facts: dict[str, Any] = {
        "outstanding": MILLION, "term_months": 300, "first_disbursed_on": DISBURSED,
        "voluntary": True,
    }
    return recoupment_fee([Prepaid(on, Decimal(amount))], **given_facts | facts)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (DISBURSED, "50000.00"),
        (date(2025, 3, 14), "50000.00"),
        (date(2025, 3, 15), "30000.00"),
        (date(2026, 3, 14), "30000.00"),
        (date(2026, 3, 15), "10000.00"),
        (date(2027, 3, 14), "10000.00"),
        (date(2027, 3, 15), "0.00"),
        (date(2034, 3, 15), "0.00"),
    ],
)
def test_the_fee_falls_at_each_anniversary_and_ends_at_the_third(on: date, expected: str) -> None:
    assert fee(on=on) == Decimal(expected)


@pytest.mark.parametrize(
    ("facts", "owed"),
    [
        ({}, True),
        ({"voluntary": False}, False),
        ({"term_months": 180}, True),
        ({"term_months": 179}, False),
        ({"amount": "250000.00"}, False),
        ({"amount": "250000.01"}, True),
        ({"amount": "0.00", "outstanding": Decimal("0.00")}, False),
    ],
)
def test_all_four_conditions_must_hold(facts: dict[str, Any], owed: bool) -> None:
    assert (fee(**facts) > 0) is owed


def test_what_is_prepaid_in_a_calendar_year_is_added_up() -> None:
    # arcapital.com, "SBA 7(a) Prepayments": $10,000, then $17,000, of $100,000 in the second year.
    facts: dict[str, Any] = {
        "outstanding": Decimal("100000.00"), "term_months": 300, "voluntary": True,
        "first_disbursed_on": date(2024, 1, 10),
    }
    first = Prepaid(date(2025, 4, 1), Decimal("10000.00"))
    second = Prepaid(date(2025, 8, 1), Decimal("17000.00"))
    assert recoupment_fee([first], **facts) == 0
    assert recoupment_fee([first, second], **facts) == Decimal("810.00")


def test_each_amount_is_charged_by_the_year_in_which_it_was_prepaid() -> None:
    early = Prepaid(date(2025, 1, 2), Decimal("200000.00"))
    late = Prepaid(date(2025, 6, 2), Decimal("300000.00"))
    found = recoupment_fee(
        [early, late], outstanding=MILLION, term_months=300, first_disbursed_on=DISBURSED,
        voluntary=True,
    )
    assert found == Decimal("10000.00") + Decimal("9000.00")


def test_what_is_prepaid_after_the_third_year_does_not_count() -> None:
    facts: dict[str, Any] = {
        "outstanding": MILLION, "term_months": 300, "first_disbursed_on": DISBURSED,
        "voluntary": True,
    }
    in_time = Prepaid(date(2027, 1, 2), Decimal("200000.00"))
    too_late = Prepaid(date(2027, 6, 2), Decimal("800000.00"))
    assert recoupment_fee([in_time, too_late], **facts) == 0
    enough = Prepaid(date(2027, 1, 2), Decimal("260000.00"))
    assert recoupment_fee([enough, too_late], **facts) == Decimal("2600.00")


@pytest.mark.parametrize(
    ("prepaid", "years", "expected"),
    [
        # calcsimpler.com and sbalenders.com on the 7(a) prepayment penalty
        ("650000.00", 2, "6500.00"),
        ("420000.00", 0, "21000.00"),
        ("400000.00", 0, "20000.00"),
        ("400000.00", 1, "12000.00"),
        ("400000.00", 2, "4000.00"),
        ("400000.00", 3, "0.00"),
    ],
)
def test_published_fees_agree(prepaid: str, years: int, expected: str) -> None:
    assert fee(prepaid, date(2024 + years, 6, 1)) == Decimal(expected)


@given(MONEY, MONEY, st.integers(0, 1200))
def test_the_fee_is_a_part_of_what_is_prepaid(
    prepaid: Decimal, outstanding: Decimal, days: int
) -> None:
    found = fee(prepaid, DISBURSED + timedelta(days=days), outstanding=outstanding)
    assert found.as_tuple().exponent == -2
    assert found == 0 or Decimal("0.009") * prepaid < found + Decimal("0.01")
    assert found <= prepaid * Decimal("0.05") + Decimal("0.01")
    assert found == 0 or prepaid > outstanding / 4


@pytest.mark.parametrize(
    ("start", "day", "years"),
    [
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2024, 2, 29), date(2028, 2, 29), 4),
        (date(2024, 12, 31), date(2025, 12, 30), 0),
        (date(2024, 12, 31), date(2025, 12, 31), 1),
    ],
)
def test_an_anniversary_completes_a_year(start: date, day: date, years: int) -> None:
    assert years_since(start, day) == years


# Notice


NOTICE = date(2026, 7, 1)
TERMS = Decimal("365000.00"), Rates(Decimal("0.10"))


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [(0, "2100.00"), (1, "2000.00"), (20, "100.00"), (21, "0.00"), (30, "0.00")],
)
def test_a_short_notice_costs_what_is_left_of_21_days(elapsed: int, expected: str) -> None:
    received = NOTICE + timedelta(days=elapsed)
    found = short_notice_interest(*TERMS, DayCount.ACT_365F, notice=NOTICE, received=received)
    assert found == Decimal(expected)


@given(MONEY, st.decimals(0, 1, places=6), st.sampled_from(DayCount), st.dates(
    date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 20))
def test_with_the_interest_to_the_day_it_makes_21_days_interest(
    principal: Decimal, rate: Decimal, basis: DayCount, notice: date, elapsed: int
) -> None:
    received, end = notice + timedelta(days=elapsed), notice + timedelta(days=21)
    rates = Rates(rate)
    rest = short_notice_interest(principal, rates, basis, notice=notice, received=received)
    paid = accrued(principal, rates, basis, notice, received)
    whole = cents(principal * rate * 21 / 360)
    if basis in (DayCount.ACT_365F, DayCount.ACT_ACT):
        whole = accrued(principal, rates, basis, notice, end)
    assert rest >= 0
    assert abs(rest - max(whole - paid, Decimal(0))) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("notice", "received", "expected"),
    [
        (date(2027, 1, 15), date(2027, 1, 19), "1700.00"),
        (date(2027, 2, 10), date(2027, 2, 12), "1900.00"),
        (date(2027, 2, 10), date(2027, 3, 2), "0.00"),
        (date(2026, 12, 20), date(2026, 12, 20), "2100.00"),
        (date(2024, 2, 10), date(2024, 2, 10), "2100.00"),
    ],
)
def test_21_days_bear_21_days_interest_in_months_of_thirty_days_too(
    notice: date, received: date, expected: str
) -> None:
    found = short_notice_interest(
        Decimal("360000.00"), Rates(Decimal("0.10")), DayCount.THIRTY_360,
        notice=notice, received=received,
    )
    assert found == Decimal(expected)


def test_a_change_of_rate_bears_on_the_notice_too() -> None:
    change = RateChange(effective_on=date(2026, 7, 12), annual_rate=Decimal("0.20"))
    rates = Rates(Decimal("0.10"), (change,))
    found = short_notice_interest(
        Decimal("365000.00"), rates, DayCount.ACT_365F, notice=NOTICE, received=date(2026, 7, 2)
    )
    assert found == 10 * 100 + 10 * 200


@pytest.mark.parametrize(
    ("prepaid", "sold", "needed"),
    [("200.00", True, False), ("200.01", True, True), ("1000.00", False, False)],
)
def test_more_than_a_fifth_of_a_sold_loan_takes_notice(
    prepaid: str, sold: bool, needed: bool
) -> None:
    assert needs_notice(Decimal(prepaid), Decimal("1000.00"), sold) is needed


def test_a_notice_is_good_for_thirty_days() -> None:
    assert notice_lapses(date(2026, 7, 1)) == date(2026, 7, 31)
