"""Reference data and demo data: what comes out of the files, and what is wrong with bad ones."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.datasets.country import read_countries
from adapters.datasets.demo import demo_portfolio
from adapters.datasets.faults import Fault, Faulty
from adapters.datasets.franchise import DEMO_FRANCHISES, read_franchises
from adapters.datasets.holiday import holidays_of, read_holidays
from adapters.datasets.naics import NAICS_2017, merged, read_naics
from domain.calendars import third_thursday
from domain.franchise import Addendum, Certification
from domain.holiday import CalendarName, Holiday, holiday_code
from domain.interest import DayCount
from domain.loan import LoanStatus, Program
from domain.location import PartnerType
from domain.model import Kind, key_of
from domain.naics import NaicsLevel
from domain.user import UserStatus

TODAY = date(2026, 11, 23)
DEMO = demo_portfolio(TODAY)
FEDERAL, FED = CalendarName.US_FEDERAL, CalendarName.FED_BANK


def unique(records: Sequence[Kind]) -> bool:
    return len({key_of(record) for record in records}) == len(records)


def saved(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "given.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


# Countries


def test_countries_are_the_249_of_iso_and_kosovo() -> None:
    countries = read_countries()
    assert len(countries) == 250
    assert unique(countries)
    assert [c.alpha2 for c in countries if not c.officially_assigned] == ["XK"]
    assert all(country.active for country in countries)


def test_country_codes_keep_their_leading_zeros() -> None:
    assert next(c.numeric for c in read_countries() if c.alpha2 == "AF") == "004"


@pytest.mark.parametrize(
    ("alpha2", "shown"),
    [
        ("BO", "Plurinational State of Bolivia"),
        ("CD", "Democratic Republic of the Congo"),
        ("TW", "Taiwan"),
        ("VI", "U.S. Virgin Islands"),
        ("BQ", "Bonaire, Sint Eustatius and Saba"),
        ("SH", "Saint Helena, Ascension and Tristan da Cunha"),
        ("US", "United States of America"),
    ],
)
def test_countries_are_shown_by_names_that_people_can_read(alpha2: str, shown: str) -> None:
    assert next(c.display_name for c in read_countries() if c.alpha2 == alpha2) == shown


def test_a_country_file_is_refused_with_every_fault(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "alpha2,alpha3,numeric,name,apolitical_name,officially_assigned",
        "AAA,AAA,001,A,A,Y",
        "BB,BBB,002,,B,maybe",
        "CC,CCC,003,C,C,N",
        "CC,CCC,003,C,C,N",
        "DD,DDD",
    )
    with pytest.raises(Faulty) as refused:
        read_countries(path)
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (2, "alpha2"),
        (3, "name"),
        (3, "officially_assigned"),
        (5, "row"),
        (6, "row"),
    ]
    assert str(refused.value).splitlines()[3] == "line 5, row: CC is already on line 4"


# NAICS


def test_naics_2022_has_its_2125_entries() -> None:
    entries = read_naics()
    assert len(entries) == 2125
    assert unique(entries)
    assert Counter(entry.level for entry in entries) == {
        NaicsLevel.SECTOR: 20,
        NaicsLevel.SUBSECTOR: 96,
        NaicsLevel.INDUSTRY_GROUP: 308,
        NaicsLevel.NAICS_INDUSTRY: 689,
        NaicsLevel.NATIONAL_INDUSTRY: 1012,
    }


def test_a_range_of_sectors_is_one_sector() -> None:
    manufacturing = next(entry for entry in read_naics() if entry.code == "31-33")
    assert manufacturing.level is NaicsLevel.SECTOR
    assert manufacturing.parent_code is None


def test_merged_vintages_keep_retired_codes_inactive() -> None:
    entries = merged(read_naics(), read_naics(NAICS_2017))
    found = {entry.code: entry for entry in entries}
    assert unique(entries)
    assert sum(entry.active for entry in entries) == 2125
    assert len(entries) == 2125 + 257
    assert (found["454110"].active, found["454110"].naics_year) == (False, 2017)
    assert (found["111110"].active, found["111110"].naics_year) == (True, 2022)


def test_every_parent_and_sector_resolves_in_the_merged_vintages() -> None:
    entries = merged(read_naics(), read_naics(NAICS_2017))
    codes = {entry.code for entry in entries}
    assert all(entry.sector_code in codes for entry in entries)
    assert all(
        entry.parent_code in codes for entry in entries if entry.level is not NaicsLevel.SECTOR
    )


def test_no_2017_title_ends_in_a_stray_t() -> None:
    assert not [entry.title for entry in read_naics(NAICS_2017) if entry.title.endswith("T")]


def test_naics_entries_must_hang_below_an_entry_of_the_level_above(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "code,title,level,parent_code,sector_code,naics_year",
        "11,Farming,sector,,11,2022",
        "12,Fishing,sector,99,12,2022",
        "111,Crops,subsector,77,11,2022",
        "1111,Grain,industry_group,11,13,2022",
    )
    with pytest.raises(Faulty) as refused:
        read_naics(path)
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (3, "parent_code"),
        (4, "parent_code"),
        (5, "parent_code"),
        (5, "sector_code"),
    ]


# Holidays


def days_of(calendar: CalendarName, year: int) -> dict[date, Holiday]:
    return {holiday.date: holiday for holiday in holidays_of(calendar, range(year, year + 1))}


def test_the_fed_stays_open_before_a_saturday_holiday() -> None:
    days = days_of(FED, 2026)
    assert date(2026, 7, 3) not in days
    assert not days[date(2026, 7, 4)].observed
    for open_day in (date(2027, 6, 18), date(2027, 12, 24), date(2027, 12, 31)):
        assert open_day not in days_of(FED, 2027)


def test_the_fed_closes_on_monday_after_a_sunday_holiday() -> None:
    days = days_of(FED, 2027)
    assert not days[date(2027, 7, 4)].observed
    assert days[date(2027, 7, 5)] == Holiday(
        code="FED_BANK-2027-07-05",
        calendar=FED,
        date=date(2027, 7, 5),
        name="Independence Day",
        observed=True,
        actual_date=date(2027, 7, 4),
    )


def test_federal_offices_close_on_friday_before_a_saturday_holiday() -> None:
    days = days_of(FEDERAL, 2026)
    assert days[date(2026, 7, 3)].observed
    assert days[date(2026, 7, 3)].actual_date == date(2026, 7, 4)
    assert not days[date(2026, 7, 4)].observed


def test_a_new_year_observed_in_december_belongs_to_the_old_year() -> None:
    in_lieu = days_of(FEDERAL, 2021)[date(2021, 12, 31)]
    assert in_lieu.actual_date == date(2022, 1, 1)
    assert date(2021, 12, 31) not in days_of(FEDERAL, 2022)
    assert date(2021, 12, 31) not in days_of(FED, 2021)
    assert date(1999, 12, 31) in days_of(FEDERAL, 1999)
    assert date(2100, 12, 31) in days_of(FEDERAL, 2100)


@pytest.mark.parametrize("calendar", CalendarName)
def test_every_year_has_the_holidays_of_5_usc_6103_and_no_others(calendar: CalendarName) -> None:
    holidays = holidays_of(calendar, range(2000, 2051))
    actual = Counter(holiday.date.year for holiday in holidays if not holiday.observed)
    assert actual == {year: 10 if year < 2021 else 11 for year in range(2000, 2051)}
    assert len({holiday.name for holiday in holidays}) == 11
    assert not [holiday.name for holiday in holidays if "(" in holiday.name]


@pytest.mark.parametrize("calendar", CalendarName)
def test_days_in_lieu_follow_the_rule_of_their_calendar(calendar: CalendarName) -> None:
    years = range(2000, 2051)
    around = holidays_of(calendar, range(1999, 2052))
    moves = {6: timedelta(days=1)} | ({5: timedelta(days=-1)} if calendar is FEDERAL else {})
    expected = {
        holiday.date + moves[holiday.date.weekday()]: (holiday.name, holiday.date)
        for holiday in around
        if not holiday.observed and holiday.date.weekday() in moves
    }
    found = {
        holiday.date: (holiday.name, holiday.actual_date)
        for holiday in holidays_of(calendar, years)
        if holiday.observed
    }
    assert found == {day: moved for day, moved in expected.items() if day.year in years}


@pytest.mark.parametrize("calendar", CalendarName)
def test_holidays_are_sorted_and_have_codes_of_their_own(calendar: CalendarName) -> None:
    holidays = holidays_of(calendar, range(2000, 2051))
    assert unique(holidays)
    assert [h.date for h in holidays] == sorted(h.date for h in holidays)
    assert all(h.code == holiday_code(calendar, h.date) for h in holidays)


def test_both_calendars_name_their_holidays_alike() -> None:
    federal = {h.date: h.name for h in holidays_of(FEDERAL, range(2020, 2031))}
    assert all(federal[h.date] == h.name for h in holidays_of(FED, range(2020, 2031)))


def test_the_third_thursday_of_june_is_juneteenth_four_times_until_2050() -> None:
    closed = {holiday.date for holiday in holidays_of(FED, range(2000, 2051))}
    junes = (third_thursday(year, 6) for year in range(2000, 2051))
    assert [day for day in junes if day in closed] == [
        date(2025, 6, 19),
        date(2031, 6, 19),
        date(2036, 6, 19),
        date(2042, 6, 19),
    ]


def test_inauguration_day_closes_neither_the_fed_nor_federal_offices_everywhere() -> None:
    for year in range(2001, 2050, 4):
        day = date(year, 1, 20)
        days = {day, day + timedelta(days=1)} if day.weekday() == 6 else {day}
        for calendar in CalendarName:
            closed = {one.date: one.name for one in holidays_of(calendar, range(year, year + 1))}
            names = {closed[one] for one in days if one in closed}
            assert names <= {"Birthday of Martin Luther King, Jr."}


def test_years_without_known_holidays_are_refused() -> None:
    assert not holidays_of(FED, range(2026, 2026))
    for years in (range(1998, 2001), range(2100, 2102)):
        with pytest.raises(ValueError, match="1999 to 2100"):
            holidays_of(FED, years)


def test_holidays_are_read_from_a_file(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "calendar,date,name,observed,actual_date",
        "FED_BANK,2027-07-04,Independence Day,false,2027-07-04",
        "fed_bank,7/5/2027,Independence Day,TRUE,7/4/2027",
    )
    ours = days_of(FED, 2027)
    assert read_holidays(path) == (ours[date(2027, 7, 4)], ours[date(2027, 7, 5)])


def test_a_holiday_file_is_refused_with_every_fault(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "calendar,date,name,observed,actual_date",
        "NYSE,2027-07-04,Independence Day,false,2027-07-04",
        "FED_BANK,2027-07-32,Independence Day,false,2027-07-04",
        "FED_BANK,2027-07-05,Independence Day,true,2027-07-05",
        "FED_BANK,2027-07-05,Independence Day,no,2027-07-04",
    )
    with pytest.raises(Faulty) as refused:
        read_holidays(path)
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (2, "calendar"),
        (3, "date"),
        (4, "actual_date"),
        (5, "actual_date"),
    ]


# Franchises

HEADINGS = (
    "BRAND,SBA FRANCHISE IDENTIFIER CODE,SBA FRANCHISE IDENTIFIER CODE Start Date,"
    "Franchisor/ Distributor Certification Received?,IS AN  ADDENDUM NEEDED?,"
    "SBA Addendum - Form 2462,SBA Negotiated Addendum,NOTES"
)


def test_the_demo_brands_say_that_they_are_invented() -> None:
    brands = read_franchises(DEMO_FRANCHISES)
    assert len(brands) == 12
    assert unique(brands)
    assert all("Invented" in f.brand and "invented" in (f.notes or "") for f in brands)
    assert sum(f.sba_code is None for f in brands) == 3


def test_a_franchise_row_is_read_as_sba_writes_it(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADINGS, "Acme,S1234,7/4/2025, YES ,y,No,x,Ask first")
    acme = read_franchises(path)[0]
    assert (acme.code, acme.sba_code, acme.meets_ftc_definition) == ("S1234", "S1234", True)
    assert acme.code_start_date == date(2025, 7, 4)
    assert acme.certification_status is Certification.RECEIVED
    assert (acme.addendum_required, acme.addendum_type) == (True, Addendum.NEGOTIATED)
    assert (acme.notes, acme.active) == ("Ask first", True)


def test_a_brand_without_a_code_is_known_by_its_name(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADINGS, "Café O'Brien & Söhne,,,certification  pending,no,,,")
    cafe = read_franchises(path)[0]
    assert (cafe.code, cafe.sba_code) == ("BRAND-CAFE-OBRIEN-SOHNE", None)
    assert (cafe.meets_ftc_definition, cafe.notes) == (False, None)
    assert cafe.certification_status is Certification.PENDING


def test_moved_columns_odd_spaces_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "notes,Extra,is an addendum needed?,SBA  NEGOTIATED Addendum,SBA Addendum -  Form 2462,"
        "Franchisor/Distributor Certification Received?,"
        "sba franchise identifier code start date,SBA Franchise Identifier\u00a0Code, Brand ",
        ",?,Yes,No,Yes,No,2025-07-04,12345,Acme",
        "",
        encoding="utf-8-sig",
    )
    acme = read_franchises(path)[0]
    assert (acme.brand, acme.code, acme.addendum_type) == ("Acme", "12345", Addendum.FORM_2462)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = saved(tmp_path, "BRAND,SBA FRANCHISE IDENTIFIER CODE", "Acme,1")
    with pytest.raises(Faulty) as refused:
        read_franchises(path)
    assert len(refused.value.faults) == 6
    assert Fault(1, "NOTES", "this column is missing") in refused.value.faults


def test_a_column_missing_below_a_title_is_told_with_the_line_of_the_headings(
    tmp_path: Path,
) -> None:
    title = "SBA Franchise Directory"
    path = saved(tmp_path, title, "", "as of,11/9/2026", HEADINGS.removesuffix(",NOTES"),
                 "Acme,1,,Yes,No,,")
    with pytest.raises(Faulty) as refused:
        read_franchises(path)
    assert refused.value.faults == (Fault(4, "NOTES", "this column is missing"),)


@pytest.mark.parametrize("title", [(), ("SBA Franchise Directory", "")])
def test_headings_without_rows_are_refused(tmp_path: Path, title: tuple[str, ...]) -> None:
    with pytest.raises(Faulty) as refused:
        read_franchises(saved(tmp_path, *title, HEADINGS, ",,,,,,,"))
    (fault,) = refused.value.faults
    assert (fault.line, fault.detail) == (
        len(title) + 1, "there are no rows below the headings",
    )


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9f"])
def test_control_characters_are_refused_with_line_and_column(
    tmp_path: Path, character: str
) -> None:
    bad = f"Bad{character}One,2,,Yes,No,,,a{character}b"
    path = saved(tmp_path, HEADINGS, "Acme,1,,Yes,No,,,", bad)
    with pytest.raises(Faulty) as refused:
        read_franchises(path)
    detail = f"take out the control character U+{ord(character):04X}"
    assert refused.value.faults == (Fault(3, "BRAND", detail), Fault(3, "NOTES", detail))


def test_a_franchise_file_is_refused_with_every_fault(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        HEADINGS,
        'Acme,1,,Yes,No,,,"two',
        'lines"',
        ",toolongacode,31/12/2025,perhaps,sometimes,,,",
        f"{'B' * 201},2,,Yes,No,,,",
        "日本,,,Yes,No,,,",
        "Twice,1,,Yes,No,,,",
        "Short,3",
    )
    with pytest.raises(Faulty) as refused:
        read_franchises(path)
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [
        (4, "BRAND"),
        (4, "SBA FRANCHISE IDENTIFIER CODE"),
        (4, "SBA FRANCHISE IDENTIFIER CODE Start Date"),
        (4, "Franchisor/ Distributor Certification Received?"),
        (4, "IS AN ADDENDUM NEEDED?"),
        (5, "BRAND"),
        (6, "BRAND"),
        (7, "row"),
        (8, "row"),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"BRAND\n\xff\n", b'BRAND\n"open\n', b"BRAND,BRAND\nA,B\n"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "given.csv"
    path.write_bytes(content)
    with pytest.raises(Faulty):
        read_franchises(path)


# The demo portfolio


def test_the_demo_portfolio_is_the_same_every_time() -> None:
    assert demo_portfolio(TODAY) == DEMO


def test_the_demo_portfolio_has_no_key_twice() -> None:
    assert unique(DEMO.locations) and unique(DEMO.users) and unique(DEMO.accesses)
    assert unique(DEMO.loans) and unique(DEMO.clients)
    assert len({user.login for user in DEMO.users}) == len(DEMO.users)


def test_demo_records_refer_to_demo_records() -> None:
    locations = {location.location_id for location in DEMO.locations}
    users = {user.user_id for user in DEMO.users}
    assert {access.location_id for access in DEMO.accesses} == locations
    assert {access.user_id for access in DEMO.accesses} < users
    assert {loan.location_id for loan in DEMO.loans} == locations


def test_demo_lenders_and_borrowers_say_that_they_are_invented() -> None:
    names = [name for office in DEMO.locations for name in (office.name, office.partner_name)]
    names += [loan.borrower_name for loan in DEMO.loans]
    assert all("Invented" in name and "(demo)" in name for name in names)
    assert all(user.email.endswith("@example.com") for user in DEMO.users)
    assert len({location.partner_id for location in DEMO.locations}) == 3
    assert PartnerType.CDC in {location.partner_type for location in DEMO.locations}


def test_demo_users_share_all_some_and_no_locations() -> None:
    places: dict[str, set[int]] = {user.user_id: set() for user in DEMO.users}
    for access in DEMO.accesses:
        places[access.user_id].add(access.location_id)
    assert len(places["U1001"]) == 3
    assert places["U1001"] & places["U1002"]
    assert not places["U1001"] & places["U1003"]
    assert not places["U1010"]
    primaries = Counter(access.user_id for access in DEMO.accesses if access.is_primary)
    assert set(primaries.values()) == {1}
    assert {user.status for user in DEMO.users} == set(UserStatus)


def test_every_demo_location_has_active_7a_loans_and_some_that_ended() -> None:
    active = Counter(
        loan.location_id
        for loan in DEMO.loans
        if loan.status is LoanStatus.ACTIVE and loan.program is Program.SEVEN_A
    )
    ended = {loan.location_id for loan in DEMO.loans if loan.status is not LoanStatus.ACTIVE}
    assert all(active[location.location_id] >= 3 for location in DEMO.locations)
    assert ended == {location.location_id for location in DEMO.locations}


def test_demo_loans_are_of_every_kind() -> None:
    assert len(DEMO.loans) >= 60
    assert {loan.day_count for loan in DEMO.loans} == set(DayCount)
    assert {loan.program for loan in DEMO.loans} == set(Program)
    assert {loan.status for loan in DEMO.loans} == set(LoanStatus)
    assert "LATE" in {fee.code for loan in DEMO.loans for fee in loan.fees}


def test_demo_loans_hold_exact_cents_and_recent_dates() -> None:
    for loan in DEMO.loans:
        assert len(loan.loan_number) == 10 and loan.loan_number.isdigit()
        assert loan.principal == loan.principal.quantize(Decimal("0.01"))
        assert (loan.principal > 0) is (
            loan.status in (LoanStatus.ACTIVE, LoanStatus.CHARGED_OFF)
        )
        assert timedelta(0) <= TODAY - loan.interest_paid_through < timedelta(days=45)


def test_demo_clients_may_do_what_their_work_needs() -> None:
    scopes = {client.client_id: set(client.scopes) for client in DEMO.clients}
    assert set(scopes) == {"prepay", "lx", "origination"}
    assert scopes["lx"] == {scope for scope in scopes["prepay"] if not scope.endswith(":write")}
    assert scopes["prepay"] - scopes["lx"] == {"resource:write", "payoff:write"}
    assert scopes["origination"] == {"reference:read", "location:read", "user:read"}
