"""How days and moments are spelled, whoever asks and however often."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.spelling import MOST_KEPT, day_text, utc_text

NOON = datetime(2026, 11, 23, 17, tzinfo=timezone.utc)
NEW_YORK = ZoneInfo("America/New_York")

zones = st.sampled_from([timezone.utc, NEW_YORK, timezone(timedelta(hours=14))])


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=zones))
def test_a_moment_is_spelled_in_utc_with_all_its_places(moment: datetime) -> None:
    assert len(utc_text(moment)) == len("2026-11-23T17:00:00.000000")
    # A time of day that the clocks leave out equals nothing in another zone, itself in UTC neither.
    in_utc = moment.astimezone(timezone.utc)
    assert datetime.fromisoformat(utc_text(moment) + "+00:00") == in_utc


def test_one_moment_has_one_text_in_every_zone() -> None:
    for zone in (timezone.utc, NEW_YORK, timezone(timedelta(hours=-5))):
        assert utc_text(NOON.astimezone(zone)) == "2026-11-23T17:00:00.000000"


def test_the_hour_that_never_comes_is_spelled_as_if_the_clocks_had_not_moved_yet() -> None:
    left_out = datetime(2008, 3, 9, 2, tzinfo=NEW_YORK)
    assert utc_text(left_out) == "2008-03-09T07:00:00.000000"


def test_the_hour_that_comes_twice_has_two_texts() -> None:
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    second = first.replace(fold=1)
    assert first == second
    assert utc_text(first) == "2026-11-01T05:30:00.000000"
    assert utc_text(second) == "2026-11-01T06:30:00.000000"


def test_texts_stay_right_when_there_were_more_of_them_than_are_kept() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(2 * MOST_KEPT)]
    for _ in range(2):
        assert [day_text(day) for day in days] == [day.isoformat() for day in days]
