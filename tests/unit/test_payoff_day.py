"""On which day a payoff can be: business days, third Thursdays, noon Eastern, and notices."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendars import Roll, third_thursday
from domain.errors import Conflict, Invalid
from domain.loan import LoanStatus
from domain.payoff import Payoff
from domain.payoff_day import DayRules, appointed, check_payable, cutoff_of
from domain.seven_a import NOTICE_LASTS_DAYS
from domain.terms import SevenATerms
from tests.unit.payoff_facts import FED, NOW, TODAY, a_504_loan, a_loan, a_payoff

SOLD = a_loan(terms=SevenATerms(term_months=120, first_disbursed_on=date(2020, 1, 1), sold=True))


def at(day: date, rules: DayRules = DayRules(), now: datetime = NOW, **facts: Any) -> Payoff:
    """Give a 504 payoff with its day."""
    return appointed(a_payoff(day, **facts), a_504_loan(), FED, now, rules)


def of_7a(day: date, now: datetime = NOW, **facts: Any) -> Payoff:
    """Give a 7(a) payoff with its day."""
    return appointed(a_payoff(day, **facts), a_loan(), FED, now, DayRules())


def eastern(day: date, hour: int, minute: int = 0, second: int = 0, summer: bool = True
            ) -> datetime:
    """Give a time of New York's clock."""
    utc = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=timezone.utc)
    return utc + timedelta(hours=4 if summer else 5)


def refusal(call: Any) -> tuple[str | None, str]:
    """Give the field and the words with which something is refused."""
    with pytest.raises(Invalid) as refused:
        call()
    return refused.value.field, refused.value.detail


# Loans


@pytest.mark.parametrize("status", [one for one in LoanStatus if one is not LoanStatus.ACTIVE])
def test_loans_that_have_ended_are_not_paid_off(status: LoanStatus) -> None:
    with pytest.raises(Conflict, match=status.value):
        check_payable(a_loan(status=status), TODAY, TODAY)


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=367)])
def test_dates_in_the_past_or_too_far_ahead_are_refused(day: date) -> None:
    with pytest.raises(Invalid, match="payoff_date"):
        check_payable(a_loan(), day, TODAY)


def test_dates_before_the_day_to_which_interest_is_paid_are_refused() -> None:
    paid_ahead = a_loan(interest_paid_through=date(2026, 7, 1))
    with pytest.raises(Invalid, match="2026-07-01"):
        check_payable(paid_ahead, date(2026, 6, 30), TODAY)
    check_payable(paid_ahead, date(2026, 7, 1), TODAY)


@pytest.mark.parametrize("day", [TODAY, TODAY + timedelta(days=366)])
def test_the_first_and_the_last_possible_day_are_taken(day: date) -> None:
    check_payable(a_loan(), day, TODAY)


# 7(a)


@pytest.mark.parametrize(
    ("asked", "day"),
    [
        (date(2026, 7, 3), date(2026, 7, 3)),  # the Friday before a Saturday holiday
        (date(2026, 7, 4), date(2026, 7, 6)),
        (date(2026, 12, 25), date(2026, 12, 28)),
    ],
)
def test_a_wire_comes_on_a_fed_business_day(asked: date, day: date) -> None:
    found = of_7a(asked)
    assert (found.good_through_date, found.rolled) == (day, day != asked)
    assert found.roll_reason == (None if day == asked else (
        f"{asked:%A} {asked} is no Fed business day; the next one is {day}."
    ))


@pytest.mark.parametrize(
    ("day", "cutoff"),
    [
        (date(2026, 7, 3), datetime(2026, 7, 3, 16, tzinfo=timezone.utc)),
        (date(2026, 12, 3), datetime(2026, 12, 3, 17, tzinfo=timezone.utc)),
        (date(2026, 3, 9), datetime(2026, 3, 9, 16, tzinfo=timezone.utc)),
    ],
)
def test_wires_are_due_at_noon_in_new_york(day: date, cutoff: datetime) -> None:
    assert cutoff_of(day) == cutoff
    assert cutoff_of(day).tzinfo is timezone.utc
    if day > TODAY:
        assert of_7a(day).wire_cutoff == cutoff


def test_after_noon_the_next_business_day_is_meant() -> None:
    day = date(2026, 7, 2)
    assert of_7a(day, eastern(day, 12)).good_through_date == day
    late = of_7a(day, eastern(day, 12, 0, 1))
    assert (late.good_through_date, late.rolled) == (date(2026, 7, 3), True)
    assert late.roll_reason == (
        "Wires for 2026-07-02 were due by noon Eastern; the next Fed business day is 2026-07-03."
    )
    friday = date(2026, 7, 3)
    assert of_7a(friday, eastern(friday, 18)).good_through_date == date(2026, 7, 6)


# 504


def test_a_504_loan_is_paid_off_on_a_third_thursday() -> None:
    found = at(date(2026, 7, 16))
    assert (found.good_through_date, found.rolled, found.roll_reason) == (
        date(2026, 7, 16), False, None,
    )
    for day in (date(2026, 7, 9), date(2026, 7, 15), date(2026, 7, 17), date(2026, 7, 23)):
        field, detail = refusal(lambda day=day: at(day))
        assert field == "payoff_date"
        assert ("2026-07-16" if day < date(2026, 7, 16) else "2026-08-20") in detail
    assert "2027-01-21" in refusal(lambda: at(date(2026, 12, 31)))[1]


HOLIDAYS = [date(2025, 6, 19), date(2031, 6, 19), date(2036, 6, 19)]


@pytest.mark.parametrize("thursday", HOLIDAYS)
@pytest.mark.parametrize("roll", [Roll.FOLLOWING, Roll.PRECEDING])
def test_a_third_thursday_on_a_fed_holiday_moves_as_it_is_configured(
    thursday: date, roll: Roll
) -> None:
    day = thursday + timedelta(days=1 if roll is Roll.FOLLOWING else -1)
    now = eastern(thursday - timedelta(days=9), 9)
    rules = DayRules(thursday_roll=roll)
    found = at(thursday, rules, now)
    assert (found.good_through_date, found.rolled) == (day, True)
    assert found.roll_reason == (
        f"The third Thursday, {thursday}, is a Fed holiday; the payoff moves to {day}."
    )
    direct = at(day, rules, now)
    assert (direct.good_through_date, direct.rolled) == (day, False)
    other = thursday + timedelta(days=-1 if roll is Roll.FOLLOWING else 1)
    assert refusal(lambda: at(other, rules, now))[0] == "payoff_date"


def test_the_day_that_a_refusal_names_is_one_that_is_taken() -> None:
    rules = DayRules(thursday_roll=Roll.PRECEDING, notice_days=10)
    now = eastern(date(2031, 6, 9), 9)
    juneteenth = date(2031, 6, 19)
    _, words = refusal(lambda: at(juneteenth, rules, now))
    assert words == "this office needs 10 days' notice; next: 2031-07-17"
    _, words = refusal(lambda: at(date(2031, 6, 2), rules, now))
    assert words == "give a third Thursday for a 504 loan; next: 2031-07-17"
    assert at(date(2031, 7, 17), rules, now).good_through_date == date(2031, 7, 17)


def test_a_504_wire_that_is_late_waits_for_the_next_month() -> None:
    day = date(2026, 7, 16)
    assert at(day, now=eastern(day, 12)).good_through_date == day
    field, detail = refusal(lambda: at(day, now=eastern(day, 12, 0, 1)))
    assert field == "payoff_date" and "2026-08-20" in detail


@given(st.dates(date(2026, 6, 20), date(2036, 11, 30)))
def test_a_504_payoff_is_on_an_open_day_around_the_third_thursday(day: date) -> None:
    thursday = third_thursday(day.year, day.month)
    now = eastern(min(day, thursday) - timedelta(days=5), 0)
    found = at(thursday, now=now)
    assert FED.is_business_day(found.good_through_date)
    assert abs(found.good_through_date - thursday) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("today", "days", "taken"),
    [
        (date(2026, 7, 6), 10, True),
        (date(2026, 7, 7), 10, False),
        (date(2026, 6, 16), 30, True),
        (date(2026, 6, 17), 30, False),
        (date(2026, 7, 16), 0, True),
    ],
)
def test_an_office_can_ask_for_notice(today: date, days: int, taken: bool) -> None:
    day, rules, now = date(2026, 7, 16), DayRules(notice_days=days), eastern(today, 9)
    if taken:
        assert at(day, rules, now).good_through_date == day
        return
    field, detail = refusal(lambda: at(day, rules, now))
    assert field == "payoff_date"
    assert f"{days} days' notice" in detail and "2026-08-20" in detail


def test_a_notice_that_was_given_before_counts() -> None:
    rules, now = DayRules(notice_days=30), eastern(date(2026, 7, 10), 9)
    found = at(date(2026, 7, 16), rules, now, notice_date=date(2026, 6, 16))
    assert found.good_through_date == date(2026, 7, 16)
    field, _ = refusal(lambda: at(date(2026, 7, 16), rules, now, notice_date=date(2026, 6, 17)))
    assert field == "payoff_date"


# Notices


@pytest.mark.parametrize("make", [at, of_7a])
def test_a_notice_is_not_of_the_future(make: Any) -> None:
    day = date(2026, 7, 16)
    assert make(day, notice_date=TODAY).notice_date == TODAY
    field, _ = refusal(lambda: make(day, notice_date=TODAY + timedelta(days=1)))
    assert field == "notice_date"


def test_a_notice_on_a_sold_loan_lapses() -> None:
    notice = date(2026, 6, 18)
    last = notice + timedelta(days=NOTICE_LASTS_DAYS)
    assert last == date(2026, 7, 18)

    def asked(day: date) -> Payoff:
        return appointed(a_payoff(day, notice_date=notice), SOLD, FED, NOW, DayRules())

    assert asked(date(2026, 7, 17)).good_through_date == date(2026, 7, 17)
    field, detail = refusal(lambda: asked(date(2026, 7, 18)))  # a Saturday; Monday is too late
    assert field == "notice_date" and "2026-07-18" in detail
    assert of_7a(date(2026, 8, 3), notice_date=notice).good_through_date == date(2026, 8, 3)
