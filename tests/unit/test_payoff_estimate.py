"""Our estimate of a payoff: published and computed cases, its parts, and what it warns of."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.debenture import premium_factor
from domain.errors import Conflict, Invalid
from domain.fee import Fee, total_of
from domain.final import FinalQuote
from domain.interest import DayCount, accrued, cents, per_diem
from domain.loan import Program
from domain.payoff import Payoff, QuoteType
from domain.payoff_status import PayoffStatus
from domain.quote import estimated, finalised
from domain.rates import RateChange, Rates
from domain.seven_a import Prepaid, recoupment_fee
from domain.terms import PendingTransaction, Premium, Prepayment, SemiannualDate, SevenATerms
from tests.unit.payoff_facts import (
    FED,
    PLAIN,
    TODAY,
    a_504_loan,
    a_debenture,
    a_fee,
    a_loan,
    a_payoff,
    quoted,
)

VECTORS: dict[str, dict[str, Any]] = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "data" / "payoff_vectors.json").read_text(encoding="utf-8")
    )
}


def codes(payoff: Payoff) -> list[str]:
    """Name what a payoff warns of."""
    return [warning.code for warning in payoff.warnings]


def charges(payoff: Payoff) -> dict[str, str]:
    """Give the fees of a payoff by their codes."""
    return {fee.code: str(fee.amount) for fee in payoff.fees}


# Cases


def case_estimate(inputs: dict[str, Any]) -> Payoff:
    fees = Decimal(inputs.get("fees", "0.00"))
    facts = a_loan(
        principal=Decimal(inputs["principal"]),
        annual_rate=Decimal(inputs["annual_rate"]),
        day_count=DayCount(inputs["basis"]),
        interest_paid_through=date.fromisoformat(inputs["interest_paid_through"]),
        fees=(a_fee(str(fees)),) if fees else (),
    )
    day = date.fromisoformat(inputs.get("requested_payoff_date") or inputs["payoff_date"])
    good_through = FED.roll(day)
    return estimated(replace(a_payoff(day), good_through_date=good_through), facts, day)


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
    principal, rate = Decimal(inputs["principal"]), Decimal(inputs["annual_rate"])
    a_day = per_diem(principal, rate, DayCount.ACT_365F, TODAY)
    assert a_day.quantize(Decimal("0.0001")) == Decimal(expected["per_diem_4dp"])
    end = TODAY + timedelta(days=inputs["days"])
    found = accrued(principal, Rates(rate), DayCount.ACT_365F, TODAY, end)
    assert found == Decimal(expected["interest_30d"])


def test_the_premium_agrees_with_the_published_percentage() -> None:
    inputs, expected = VECTORS["P7"]["inputs"], VECTORS["P7"]["expected"]
    factor = premium_factor(inputs["debenture_term_years"], inputs["loan_year"])
    assert factor == Decimal(inputs["factor"])
    percentage = Decimal(inputs["debenture_rate_pct"]) * factor
    assert percentage == Decimal(expected["premium_pct_of_balance"])


@pytest.mark.parametrize("case", ["C2", "C3", "C4"])
def test_the_recoupment_fee_agrees_with_the_case(case: str) -> None:
    inputs, expected = VECTORS[case]["inputs"], VECTORS[case]["expected"]
    months = inputs["months_since_disbursement"]
    day = date(2020 + (4 + months) // 12, (4 + months) % 12 + 1, 5)
    found = recoupment_fee(
        [Prepaid(day, Decimal(inputs["prepaid"]))],
        outstanding=Decimal(inputs["outstanding_balance"]),
        term_months=inputs["term_months"],
        first_disbursed_on=date(2020, 5, 5),
        voluntary=inputs["voluntary"],
    )
    assert str(found) == expected["subsidy_recoupment_fee"]


def test_no_case_is_left_out() -> None:
    assert set(VECTORS) == {"P1", "P3", "P7", "C2", "C3", "C4", "C9", "C11"}


# Parts


MONEY = st.decimals(0, Decimal("99999999.99"), places=2)
FEES = st.lists(
    st.builds(
        Fee, code=st.just("LATE"), description=st.just("Late charge"),
        amount=st.decimals(-100, 10_000, places=2),
    ),
    max_size=4,
).map(tuple)
TERMS = st.builds(
    SevenATerms,
    term_months=st.integers(1, 360),
    first_disbursed_on=st.dates(date(2020, 1, 1), date(2026, 6, 1)),
    sold=st.booleans(),
    prepayments=st.lists(
        st.builds(
            Prepayment, on=st.dates(date(2025, 6, 1), date(2026, 6, 1)), amount=MONEY,
            balance_before=MONEY, fee_paid=st.decimals(0, 10_000, places=2),
        ), max_size=3,
    ).map(lambda found: tuple(sorted(found, key=lambda one: one.on))),
    rate_changes=st.lists(
        st.builds(
            RateChange, effective_on=st.dates(date(2026, 6, 1), date(2027, 6, 1)),
            annual_rate=st.decimals(0, 1, places=6),
        ), max_size=3, unique_by=lambda one: one.effective_on,
    ).map(lambda found: tuple(sorted(found, key=lambda one: one.effective_on))),
)


@given(
    facts=st.fixed_dictionaries({
        "principal": MONEY, "annual_rate": st.decimals(0, 1, places=6),
        "day_count": st.sampled_from(DayCount), "fees": FEES, "terms": TERMS,
    }),
    ahead=st.integers(0, 366), voluntary=st.booleans(),
)
def test_the_total_of_a_7a_payoff_is_the_sum_of_its_parts(
    facts: dict[str, Any], ahead: int, voluntary: bool
) -> None:
    loan, fees = a_loan(**facts), facts["fees"]
    found = quoted(loan, TODAY + timedelta(days=ahead), voluntary=voluntary)
    parts = found.principal + found.accrued_interest + sum(fee.amount for fee in found.fees)
    assert found.total == parts
    assert all(
        amount.as_tuple().exponent == -2
        for amount in (found.total, found.accrued_interest, *(fee.amount for fee in found.fees))
    )
    assert FED.is_business_day(found.good_through_date)
    assert found.interest_to == found.good_through_date
    assert found.fees[:len(fees)] == fees


@given(
    debenture=st.fixed_dictionaries({
        "debenture_rate": st.decimals(0, 1, places=6), "term_years": st.sampled_from([10, 20, 25]),
        "dated_on": st.builds(
            date, st.integers(2013, 2025), st.sampled_from([1, 7]), st.just(1)
        ),
    }),
    balance=MONEY, fees=FEES, due=FEES,
)
def test_the_total_of_a_504_payoff_is_the_sum_of_its_parts(
    debenture: dict[str, Any], balance: Decimal, fees: tuple[Fee, ...], due: tuple[Fee, ...]
) -> None:
    owing = SemiannualDate(on=date(2027, 1, 1), balance=balance, charges=due)
    terms = a_debenture(**debenture, semiannual=(owing,))
    found = quoted(a_504_loan(terms=terms, fees=fees), date(2026, 7, 16))
    assert found.total == found.principal + sum(fee.amount for fee in found.fees)
    assert not any((found.accrued_interest, found.per_diem, found.days))
    assert found.principal == balance


@given(st.integers(0, 360), st.integers(0, 60), st.sampled_from(DayCount))
def test_a_later_day_never_has_less_interest(ahead: int, more: int, basis: DayCount) -> None:
    loan = a_loan(day_count=basis)
    sooner = quoted(loan, TODAY + timedelta(days=min(ahead, 366)))
    later = quoted(loan, TODAY + timedelta(days=min(ahead + more, 366)))
    assert sooner.accrued_interest <= later.accrued_interest
    assert sooner.per_diem == later.per_diem or basis is DayCount.ACT_ACT


def test_an_estimate_keeps_the_facts_that_it_is_made_of() -> None:
    loan = a_loan(day_count=DayCount.THIRTY_360)
    found = quoted(loan, date(2026, 7, 3))
    assert (found.quote_type, found.source) == (QuoteType.ESTIMATE, "loapi")
    assert found.status is PayoffStatus.REQUESTED
    for name in (
        "program", "location_id", "principal", "annual_rate", "day_count",
        "interest_paid_through", "fees",
    ):
        assert getattr(found, name) == getattr(loan, name)
    assert found.interest_to == found.good_through_date == date(2026, 7, 3)
    assert codes(found) == []


def test_interest_runs_to_the_day_that_the_date_rolls_to() -> None:
    found = quoted(a_loan(), date(2026, 7, 4))
    assert (found.rolled, found.good_through_date) == (True, date(2026, 7, 6))
    assert found.days == 21
    assert found.accrued_interest == Decimal("2550.36")
    assert codes(found) == ["date-rolled"]
    assert found.warnings[0].detail == found.roll_reason


def test_nothing_accrues_on_the_day_to_which_interest_is_paid() -> None:
    found = quoted(a_loan(interest_paid_through=date(2026, 7, 1)), date(2026, 7, 1))
    assert (found.days, found.total) == (0, Decimal("412350.75"))


def test_interest_that_is_paid_beyond_the_day_is_refused() -> None:
    loan = a_loan(interest_paid_through=date(2026, 7, 2))
    with pytest.raises(Conflict, match="2026-07-02"):
        estimated(replace(a_payoff(date(2026, 7, 1)), good_through_date=date(2026, 7, 1)),
                  loan, TODAY)


# 7(a)


SOLD = replace(PLAIN, sold=True)


def test_a_change_of_rate_is_never_applied_to_days_before_it() -> None:
    change = RateChange(effective_on=date(2026, 6, 25), annual_rate=Decimal("0.12"))
    found = quoted(a_loan(terms=replace(PLAIN, rate_changes=(change,))), date(2026, 7, 3))
    by_hand = Decimal("412350.75") * (Decimal("0.1075") * 10 + Decimal("0.12") * 8) / 365
    assert found.accrued_interest == cents(by_hand)
    assert (found.annual_rate, codes(found)) == (Decimal("0.12"), ["rate-change"])
    assert found.per_diem == per_diem(
        found.principal, Decimal("0.12"), DayCount.ACT_365F, date(2026, 7, 2)
    )
    assert "2026-06-25" in found.warnings[0].detail and "0.12" in found.warnings[0].detail


@pytest.mark.parametrize(("on", "warned"), [
    ("2026-06-01", True), ("2026-07-03", True), ("2026-07-04", False),
])
def test_a_transaction_that_is_pending_until_the_day_is_warned_of(on: str, warned: bool) -> None:
    one = PendingTransaction(on=date.fromisoformat(on), description="Instalment by ACH")
    found = quoted(a_loan(terms=replace(PLAIN, pending=(one,))), date(2026, 7, 3))
    assert codes(found) == (["transaction-in-range"] if warned else [])
    assert not warned or found.warnings[0].detail == (
        f"Pending for {on} and not in these figures: Instalment by ACH."
    )


def test_the_recoupment_fee_is_a_charge_of_its_own() -> None:
    young = SevenATerms(term_months=300, first_disbursed_on=date(2025, 3, 1))
    found = quoted(a_loan(terms=young, fees=(a_fee("125.00"),)), date(2026, 7, 3))
    assert charges(found) == {"LATE": "125.00", "subsidy-recoupment": "12370.52"}
    assert found.total == Decimal("412350.75") + Decimal("2186.02") + Decimal("12495.52")
    demanded = quoted(a_loan(terms=young), date(2026, 7, 3), voluntary=False)
    assert charges(demanded) == {}


def test_what_was_prepaid_this_year_counts_with_its_fee_if_it_was_paid() -> None:
    earlier = [
        Prepayment(on=date(2025, 12, 31), amount=Decimal("50000.00"),
                   balance_before=Decimal("562350.75")),
        Prepayment(on=date(2026, 1, 2), amount=Decimal("100000.00"),
                   balance_before=Decimal("512350.75")),
    ]
    terms = SevenATerms(
        term_months=300, first_disbursed_on=date(2025, 3, 1), prepayments=tuple(earlier)
    )
    found = quoted(a_loan(terms=terms), date(2026, 7, 3))
    assert charges(found) == {
        "subsidy-recoupment": str(cents(Decimal("5000.00") + Decimal("412350.75") * 3 / 100))
    }
    paid = replace(earlier[1], fee_paid=Decimal("5000.00"))
    again = quoted(a_loan(terms=replace(terms, prepayments=(earlier[0], paid))), date(2026, 7, 3))
    assert charges(again) == {"subsidy-recoupment": "12370.52"}
    all_paid = replace(paid, fee_paid=Decimal("99999.00"))
    assert charges(quoted(a_loan(terms=replace(terms, prepayments=(all_paid,))), date(2026, 7, 3))
                   ) == {}


def test_the_payoff_of_a_sold_loan_takes_notice() -> None:
    loan = a_loan(terms=SOLD)
    given_in_time = quoted(loan, date(2026, 7, 13), notice_date=date(2026, 6, 20))
    assert (charges(given_in_time), codes(given_in_time)) == ({}, [])
    given_late = quoted(loan, date(2026, 7, 3), notice_date=date(2026, 6, 20))
    by_hand = cents(Decimal("412350.75") * Decimal("0.1075") * 8 / 365)
    assert (charges(given_late), codes(given_late)) == (
        {"short-notice-interest": str(by_hand)}, []
    )


def test_a_notice_that_was_not_given_is_taken_as_given_today_or_in_time() -> None:
    loan = a_loan(terms=SOLD)
    soon, later = quoted(loan, date(2026, 7, 10)), quoted(loan, date(2026, 9, 1))
    one_day = cents(Decimal("412350.75") * Decimal("0.1075") / 365)
    assert charges(soon) == {"short-notice-interest": str(one_day)}
    assert codes(soon) == codes(later) == ["notice-needed"]
    assert "2026-06-20" in soon.warnings[0].detail
    assert charges(later) == {} and "21 to 30 days before" in later.warnings[0].detail


def test_a_7a_loan_of_unknown_terms_says_what_is_left_out() -> None:
    found = quoted(a_loan(terms=None), date(2026, 7, 3))
    assert (charges(found), codes(found)) == ({}, ["terms-not-known"])


# 504


def test_a_504_payoff_is_all_that_is_due_to_the_next_payment_date_of_the_debenture() -> None:
    terms = a_debenture(
        semiannual=(
            SemiannualDate(on=date(2027, 1, 1), balance=Decimal("880000.00"),
                           charges=(a_fee("6543.21", "instalments"), a_fee("45.67", "csa-fee"))),
        ),
    )
    found = quoted(a_504_loan(terms=terms), date(2026, 7, 16))
    assert found.principal == Decimal("880000.00")
    assert (found.interest_to, found.days) == (date(2027, 1, 1), 0)
    # number 6 of the debenture: year 3, factor .80, as P7 has it
    assert charges(found) == {
        "instalments": "6543.21", "csa-fee": "45.67", "LATE": "125.00",
        "prepayment-premium": "20064.00",
    }
    assert found.total == Decimal("906777.88")
    assert codes(found) == ["estimate-not-binding", "premium-computed"]


def test_it_is_the_same_on_every_thursday_before_that_date() -> None:
    totals = {quoted(a_504_loan(), date(2026, month, day)).total
              for month, day in ((7, 16), (8, 20), (12, 17))}
    assert len(totals) == 1


def test_the_premium_of_the_schedule_goes_before_ours() -> None:
    schedule = (Premium(on=date(2027, 1, 1), amount=Decimal("20000.00")),)
    found = quoted(a_504_loan(terms=a_debenture(premiums=schedule)), date(2026, 7, 16))
    assert charges(found)["prepayment-premium"] == "20000.00"
    assert codes(found) == ["estimate-not-binding"]
    nothing = (Premium(on=date(2027, 1, 1), amount=Decimal("0.00")),)
    free = quoted(a_504_loan(terms=a_debenture(premiums=nothing)), date(2026, 7, 16))
    assert "prepayment-premium" not in charges(free)


def test_no_premium_is_left_after_half_of_the_term() -> None:
    old = a_debenture(dated_on=date(2014, 1, 1))
    found = quoted(a_504_loan(terms=old), date(2026, 7, 16))
    assert "prepayment-premium" not in charges(found)
    assert codes(found) == ["estimate-not-binding"]


def test_a_day_whose_figures_are_not_known_yet_is_refused() -> None:
    with pytest.raises(Invalid, match="2027-07-01") as refused:
        quoted(a_504_loan(), date(2027, 1, 21))
    assert refused.value.field == "payoff_date"


def test_a_504_loan_whose_debenture_is_not_known_is_refused() -> None:
    with pytest.raises(Conflict) as refused:
        quoted(a_504_loan(terms=None), date(2026, 7, 16))
    assert refused.value.field == "loan_number"


def test_a_pending_transaction_counts_to_the_payment_date() -> None:
    one = PendingTransaction(on=date(2026, 12, 1), description="Instalment by ACH")
    found = quoted(a_504_loan(terms=a_debenture(pending=(one,))), date(2026, 7, 16))
    assert "transaction-in-range" in codes(found)


def test_a_thursday_that_moves_asks_to_be_confirmed() -> None:
    terms = a_debenture(
        semiannual=(SemiannualDate(on=date(2031, 7, 1), balance=Decimal("1.00")),)
    )
    loan = a_504_loan(terms=terms, interest_paid_through=date(2031, 6, 1))
    now = date(2031, 6, 10)
    asked = replace(
        a_payoff(date(2031, 6, 19)), good_through_date=date(2031, 6, 20), rolled=True,
        roll_reason="because",
    )
    assert codes(estimated(asked, loan, now))[:2] == ["date-rolled", "third-thursday-holiday"]


# Final figures


def final(**facts: Any) -> FinalQuote:
    usual: dict[str, Any] = {
        "loan_number": "9900101001",
        "good_through_date": date(2026, 7, 3),
        "principal": Decimal("412350.75"),
        "accrued_interest": Decimal("2186.03"),
        "fees": (a_fee("10.00", "wire"),),
        "source": "CSA",
    }
    made = usual | facts
    made.setdefault("total", total_of(made["principal"], made["accrued_interest"], made["fees"]))
    return FinalQuote(**made)


def test_final_figures_take_the_place_of_the_estimate() -> None:
    estimate = quoted(a_loan(terms=None, fees=(a_fee("125.00"),)), date(2026, 7, 3))
    found = finalised(estimate, final())
    assert (found.quote_type, found.source) == (QuoteType.FINAL, "CSA")
    assert (found.accrued_interest, found.total) == (Decimal("2186.03"), Decimal("414546.78"))
    assert charges(found) == {"wire": "10.00"}
    assert (found.per_diem, found.interest_to) == (estimate.per_diem, estimate.interest_to)
    assert [(one.code, one.detail) for one in found.warnings] == [
        ("estimate-differs", "Our own estimate was 414661.77.")
    ]


def test_what_follows_from_final_figures_is_worked_out_anew() -> None:
    estimate = quoted(a_loan(terms=None), date(2026, 7, 3))
    found = finalised(
        estimate, final(principal=Decimal("300000.00"), interest_to=date(2026, 7, 1))
    )
    assert (estimate.days, found.days) == (18, 16)
    assert found.per_diem == Decimal("88.35616")


def test_final_figures_that_agree_warn_of_nothing_but_the_day_and_the_range() -> None:
    estimate = quoted(a_504_loan(), date(2026, 7, 16))
    agreeing = final(principal=estimate.principal, accrued_interest=Decimal("0.00"),
                     fees=estimate.fees, per_diem=Decimal("1.5"), interest_to=date(2026, 12, 31))
    found = finalised(estimate, agreeing)
    assert (codes(found), found.total) == ([], estimate.total)
    assert (found.per_diem, found.interest_to) == (Decimal("1.5"), date(2026, 12, 31))


@pytest.mark.parametrize(
    "facts",
    [
        {"total": Decimal("414546.79")},
        {"principal": Decimal("-0.01")},
        {"accrued_interest": Decimal("-1.00")},
        {"principal": Decimal("1.001")},
        {"fees": (a_fee("-500000.00"),)},
        {"per_diem": Decimal("1.000001")},
        {"total": Decimal("NaN")},
        {"total": Decimal("1e30")},
    ],
)
def test_figures_that_cannot_be_are_none(facts: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        final(**facts)


@pytest.mark.parametrize("amount", ["0.001", "NaN", "Infinity", "1e400", "1e17", "-0.005"])
def test_no_fee_has_a_fraction_of_a_cent(amount: str) -> None:
    with pytest.raises(Invalid, match="amount"):
        a_fee(amount)


def test_a_loan_has_the_terms_of_its_programme() -> None:
    with pytest.raises(Invalid, match="terms"):
        a_loan(terms=a_debenture())
    with pytest.raises(Invalid, match="terms"):
        a_504_loan(terms=PLAIN)
    assert a_loan(program=Program.SEVEN_A, terms=None).terms is None


def test_dated_terms_are_in_order() -> None:
    days = [date(2026, 7, 1), date(2026, 7, 1), date(2026, 8, 1), date(2026, 7, 31)]
    for first, second in zip(days[::2], days[1::2]):
        changes = tuple(RateChange(effective_on=day, annual_rate=Decimal("0.1"))
                        for day in (first, second))
        with pytest.raises(Invalid, match="rate_changes"):
            replace(PLAIN, rate_changes=changes)
