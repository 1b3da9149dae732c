"""The payoff estimate: published and computed cases, its parts, and the states of a payoff."""

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.datasets.holiday import holidays_of
from domain.calendars import Calendar
from domain.errors import Conflict, Invalid
from domain.holiday import CalendarName
from domain.interest import DayCount, accrued, cents, per_diem
from domain.loan import Fee, Loan, LoanStatus, Program
from domain.payoff import (
    NEXT,
    OPEN,
    Payoff,
    PayoffReason,
    PayoffStatus,
    QuoteType,
    Requester,
    check_payable,
    estimated,
)

VECTORS: dict[str, dict[str, Any]] = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "data" / "payoff_vectors.json").read_text(encoding="utf-8")
    )
}
FED = Calendar(
    frozenset(
        holiday.date
        for years in (range(2000, 2001), range(2025, 2029))
        for holiday in holidays_of(CalendarName.FED_BANK, years)
    )
)
TODAY = date(2026, 6, 20)


def loan(**facts: Any) -> Loan:
    given_facts: dict[str, Any] = {
        "loan_number": "9900101001",
        "location_id": 900101,
        "program": Program.SEVEN_A,
        "borrower_name": "Invented Bakery (demo)",
        "status": LoanStatus.ACTIVE,
        "principal": Decimal("412350.75"),
        "annual_rate": Decimal("0.1075"),
        "day_count": DayCount.ACT_365F,
        "interest_paid_through": date(2026, 6, 15),
    }
    return Loan(**given_facts | facts)


def payoff(payoff_date: date, **facts: Any) -> Payoff:
    return Payoff(
        loan_number="9900101001",
        payoff_date=payoff_date,
        reason=PayoffReason.REFINANCE,
        voluntary=True,
        requester=Requester(name="Ada Moreno"),
        **facts,
    )


def case_estimate(inputs: dict[str, Any]) -> Payoff:
    fees = Decimal(inputs.get("fees", "0.00"))
    facts = loan(
        principal=Decimal(inputs["principal"]),
        annual_rate=Decimal(inputs["annual_rate"]),
        day_count=DayCount(inputs["basis"]),
        interest_paid_through=date.fromisoformat(inputs["interest_paid_through"]),
        fees=(Fee(code="LATE", description="Late charge", amount=fees),) if fees else (),
    )
    asked = inputs.get("requested_payoff_date") or inputs["payoff_date"]
    return estimated(payoff(date.fromisoformat(asked)), facts, FED)


# Cases


@pytest.mark.parametrize("case", ["P1", "C9", "C11"])
def test_an_estimate_agrees_with_the_case(case: str) -> None:
    inputs, expected = VECTORS[case]["inputs"], VECTORS[case]["expected"]
    found = case_estimate(inputs)
    shown = {
        "good_through": found.good_through_date.isoformat(),
        "days": found.days,
        "per_diem": str(cents(found.per_diem)),
        "per_diem_5dp": str(found.per_diem),
        "accrued_interest": str(found.accrued_interest),
        "payoff": str(found.total),
    }
    assert {name: shown[name] for name in expected} == expected
    assert found.days == inputs.get("days", found.days)


def test_thirty_days_of_interest_agree_with_the_servicers_example() -> None:
    inputs, expected = VECTORS["P3"]["inputs"], VECTORS["P3"]["expected"]
    terms = Decimal(inputs["principal"]), Decimal(inputs["annual_rate"]), DayCount.ACT_365F
    assert per_diem(*terms).quantize(Decimal("0.0001")) == Decimal(expected["per_diem_4dp"])
    assert accrued(*terms, inputs["days"]) == Decimal(expected["interest_30d"])


# Parts


FEES = st.lists(
    st.builds(
        Fee,
        code=st.just("LATE"),
        description=st.just("Late charge"),
        amount=st.decimals(0, 10_000, places=2),
    ),
    max_size=4,
).map(tuple)


@given(
    principal=st.decimals(0, Decimal("99999999.99"), places=2),
    rate=st.decimals(0, 1, places=6),
    basis=st.sampled_from(DayCount),
    ahead=st.integers(0, 366),
    fees=FEES,
)
def test_the_total_is_the_sum_of_its_parts(
    principal: Decimal, rate: Decimal, basis: DayCount, ahead: int, fees: tuple[Fee, ...]
) -> None:
    facts = loan(principal=principal, annual_rate=rate, day_count=basis, fees=fees)
    found = estimated(payoff(TODAY + timedelta(days=ahead)), facts, FED)
    parts = found.principal + found.accrued_interest + sum(fee.amount for fee in found.fees)
    assert found.total == parts
    assert found.total.as_tuple().exponent == -2
    assert FED.is_business_day(found.good_through_date)


def test_interest_runs_to_the_day_that_the_date_rolls_to() -> None:
    found = estimated(payoff(date(2026, 7, 4)), loan(), FED)
    assert (found.rolled, found.good_through_date) == (True, date(2026, 7, 6))
    assert found.days == 21
    assert found.accrued_interest == Decimal("2550.36")
    assert found.roll_reason == (
        "Saturday 2026-07-04 is no Fed business day; the next one is 2026-07-06."
    )


def test_the_friday_before_a_saturday_holiday_needs_no_roll() -> None:
    found = estimated(payoff(date(2026, 7, 3)), loan(), FED)
    assert (found.rolled, found.roll_reason) == (False, None)


def test_nothing_accrues_on_the_day_to_which_interest_is_paid() -> None:
    found = estimated(payoff(date(2026, 6, 15)), loan(), FED)
    assert (found.days, found.total) == (0, Decimal("412350.75"))


@pytest.mark.parametrize(
    ("day", "cutoff"),
    [
        (date(2026, 7, 3), datetime(2026, 7, 3, 16, tzinfo=timezone.utc)),
        (date(2026, 12, 3), datetime(2026, 12, 3, 17, tzinfo=timezone.utc)),
    ],
)
def test_wires_are_due_at_noon_in_new_york(day: date, cutoff: datetime) -> None:
    found = estimated(payoff(day), loan(), FED).wire_cutoff
    assert found == cutoff
    assert found.tzinfo is timezone.utc


def test_an_estimate_keeps_the_facts_that_it_is_made_of() -> None:
    facts = loan(program=Program.FIVE_O_FOUR, day_count=DayCount.THIRTY_360)
    found = estimated(payoff(date(2026, 7, 3)), facts, FED)
    assert found.quote_type is QuoteType.ESTIMATE
    assert found.status is PayoffStatus.REQUESTED
    for name in (
        "program", "location_id", "principal", "annual_rate", "day_count",
        "interest_paid_through", "fees",
    ):
        assert getattr(found, name) == getattr(facts, name)


def test_only_504_estimates_warn_of_the_programmes_rules() -> None:
    asked = payoff(date(2026, 7, 16))
    codes = [
        [notice.code for notice in estimated(asked, loan(program=program), FED).warnings]
        for program in (Program.SEVEN_A, Program.FIVE_O_FOUR)
    ]
    assert codes == [[], ["program-rules-not-applied"]]


# Refusals


@pytest.mark.parametrize("status", set(LoanStatus) - {LoanStatus.ACTIVE})
def test_loans_that_have_ended_are_not_paid_off(status: LoanStatus) -> None:
    with pytest.raises(Conflict, match=status.value):
        check_payable(loan(status=status), TODAY, TODAY)


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=367)])
def test_dates_in_the_past_or_too_far_ahead_are_refused(day: date) -> None:
    with pytest.raises(Invalid, match="payoff_date"):
        check_payable(loan(), day, TODAY)


def test_dates_before_the_day_to_which_interest_is_paid_are_refused() -> None:
    paid_ahead = loan(interest_paid_through=date(2026, 7, 1))
    with pytest.raises(Invalid, match="2026-07-01"):
        check_payable(paid_ahead, date(2026, 6, 30), TODAY)
    check_payable(paid_ahead, date(2026, 7, 1), TODAY)


@pytest.mark.parametrize("day", [TODAY, TODAY + timedelta(days=366)])
def test_the_first_and_the_last_possible_day_are_taken(day: date) -> None:
    check_payable(loan(), day, TODAY)


# States

LEGAL = {
    "requested": "quoted rejected cancelled expired failed",
    "quoted": "accepted rejected cancelled expired",
    "accepted": "funds_received cancelled expired",
    "funds_received": "settled",
    "failed": "requested cancelled",
    "settled": "",
    "rejected": "",
    "cancelled": "",
    "expired": "",
}


@pytest.mark.parametrize("present", PayoffStatus)
@pytest.mark.parametrize("wanted", PayoffStatus)
def test_a_payoff_takes_only_the_states_that_may_follow(
    present: PayoffStatus, wanted: PayoffStatus
) -> None:
    asked = payoff(date(2026, 7, 3), status=present)
    now = datetime(2026, 6, 20, 12, tzinfo=timezone.utc)
    if wanted in LEGAL[present].split():
        moved = asked.moved_to(wanted, now)
        assert (moved.status, moved.updated_at) == (wanted, now)
    else:
        with pytest.raises(Conflict, match=present.value):
            asked.moved_to(wanted, now)


def test_states_that_lead_nowhere_are_not_open() -> None:
    assert set(OPEN) == set(NEXT) == {name for name, following in LEGAL.items() if following}
