"""Business days: rolls over the Fed's holidays, third Thursdays, and the day in New York."""

from datetime import date, datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.datasets.holiday import holidays_of
from domain.calendars import WITHOUT_HOLIDAY, Calendar, Roll, business_date, third_thursday
from domain.holiday import CalendarName

FED = Calendar(
    frozenset(holiday.date for holiday in holidays_of(CalendarName.FED_BANK, range(2025, 2029)))
)
DAYS = st.dates(date(2025, 2, 1), date(2028, 11, 30))


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 7, 2), True),
        (date(2026, 7, 3), True),  # the Friday before a Saturday holiday
        (date(2026, 7, 4), False),
        (date(2026, 7, 5), False),
        (date(2027, 7, 5), False),  # the Monday after a Sunday holiday
        (date(2026, 11, 26), False),
        (date(2026, 11, 27), True),
    ],
)
def test_weekdays_that_are_no_holidays_are_business_days(day: date, is_open: bool) -> None:
    assert FED.is_business_day(day) is is_open


@pytest.mark.parametrize(
    ("convention", "day", "rolled"),
    [
        (Roll.FOLLOWING, date(2026, 7, 3), date(2026, 7, 3)),
        (Roll.FOLLOWING, date(2026, 7, 4), date(2026, 7, 6)),
        (Roll.FOLLOWING, date(2027, 7, 3), date(2027, 7, 6)),
        (Roll.FOLLOWING, date(2026, 5, 30), date(2026, 6, 1)),
        (Roll.PRECEDING, date(2026, 7, 5), date(2026, 7, 3)),
        (Roll.PRECEDING, date(2027, 7, 5), date(2027, 7, 2)),
        (Roll.MODIFIED_FOLLOWING, date(2026, 7, 4), date(2026, 7, 6)),
        (Roll.MODIFIED_FOLLOWING, date(2026, 5, 30), date(2026, 5, 29)),
        (Roll.MODIFIED_FOLLOWING, date(2026, 5, 31), date(2026, 5, 29)),
    ],
)
def test_days_roll_as_the_convention_says(convention: Roll, day: date, rolled: date) -> None:
    assert FED.roll(day, convention) == rolled


def test_days_roll_forward_unless_told_otherwise() -> None:
    assert FED.roll(date(2026, 12, 25)) == date(2026, 12, 28)


def test_the_neighbours_of_a_business_day_skip_weekends_and_holidays() -> None:
    assert FED.next_business_day(date(2027, 7, 2)) == date(2027, 7, 6)
    assert FED.previous_business_day(date(2027, 7, 6)) == date(2027, 7, 2)
    assert FED.next_business_day(date(2026, 11, 23)) == date(2026, 11, 24)


@given(DAYS, st.sampled_from(Roll))
def test_a_rolled_day_is_a_business_day_and_rolls_no_further(day: date, convention: Roll) -> None:
    rolled = FED.roll(day, convention)
    assert FED.is_business_day(rolled)
    assert FED.roll(rolled, convention) == rolled
    assert (rolled == day) is FED.is_business_day(day)


@given(DAYS)
def test_modified_following_never_leaves_the_month(day: date) -> None:
    rolled = FED.roll(day, Roll.MODIFIED_FOLLOWING)
    assert (rolled.year, rolled.month) == (day.year, day.month)


@pytest.mark.parametrize(
    ("year", "month", "thursday"),
    [
        (2025, 6, date(2025, 6, 19)),
        (2026, 1, date(2026, 1, 15)),
        (2026, 10, date(2026, 10, 15)),  # the month begins on a Thursday
        (2026, 5, date(2026, 5, 21)),  # the month begins on a Friday
        (2026, 12, date(2026, 12, 17)),
    ],
)
def test_third_thursdays_are_found(year: int, month: int, thursday: date) -> None:
    assert third_thursday(year, month) == thursday


@given(st.integers(1, 9999), st.integers(1, 12))
def test_a_third_thursday_is_a_thursday_from_the_15th_to_the_21st(year: int, month: int) -> None:
    found = third_thursday(year, month)
    assert found.weekday() == 3
    assert 15 <= found.day <= 21


def test_the_third_thursday_can_be_a_fed_holiday() -> None:
    assert not FED.is_business_day(third_thursday(2025, 6))


def test_the_business_date_is_the_day_in_new_york() -> None:
    assert business_date(datetime(2026, 7, 4, 3, 59, tzinfo=timezone.utc)) == date(2026, 7, 3)
    assert business_date(datetime(2026, 7, 4, 4, 0, tzinfo=timezone.utc)) == date(2026, 7, 4)
    assert business_date(datetime(2026, 1, 1, 4, 59, tzinfo=timezone.utc)) == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("closed", "day", "is_known"),
    [
        ([], date(2026, 6, 1), False),
        ([date(2026, 6, 1)], date(2026, 6, 1), True),
        ([date(2026, 6, 1)], date(2026, 6, 2), False),
        ([date(2026, 6, 1)], date(2026, 5, 31), False),
        ([date(2026, 2, 1), date(2026, 9, 29)], date(2026, 6, 1), True),  # 120 days each
        ([date(2026, 1, 31), date(2026, 9, 29)], date(2026, 6, 1), False),
        ([date(2026, 2, 1), date(2026, 9, 30)], date(2026, 6, 1), False),
    ],
)
def test_holidays_around_a_day_are_known_where_some_are_before_and_behind_it(
    closed: list[date], day: date, is_known: bool
) -> None:
    assert Calendar(frozenset(closed)).knows(day) is is_known


@given(st.frozensets(DAYS, max_size=12), DAYS)
def test_what_is_known_around_a_day_is_so_by_four_months_on_either_side(
    closed: frozenset[date], day: date
) -> None:
    ahead = [one for one in closed if day <= one <= day + WITHOUT_HOLIDAY]
    behind = [one for one in closed if day - WITHOUT_HOLIDAY <= one <= day]
    assert Calendar(closed).knows(day) is bool(ahead and behind)
