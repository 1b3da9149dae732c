"""A list query means the same on every store: what filtering and sorting in Python would give."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from adapters.memory.store import MemoryStore
from adapters.sql.database import Database, explained
from adapters.sql.store import SqlSource, write_all
from application.query import Clause, Link, Operator, Order, Page, Query, Term, position, select
from application.unit import Source, Write
from domain.holiday import CalendarName, Holiday
from domain.location import Access
from domain.model import Record, key_of, marked
from domain.naics import NaicsCode, NaicsLevel
from domain.resource import Resource
from domain.user import User, UserStatus, UserType
from tests.contract.conftest import ADAPTERS, a_resource, a_user, opened_copy

Stored = Callable[[Sequence[Record]], AbstractContextManager[Source]]
"""Puts records into an empty store for as long as a block lasts."""

ACCESS = Link(Access, by="user_id")
EVERY = Query(limit=1_000_000)
UTC = timezone.utc

SPECIAL = "aAbB%_'\"\\é É\u0301ßſ中😀\U0010ffff\ud7ff\ue000\x00\n;-"
"""Characters that mean something to SQL, to collations or to encodings."""

EQUALITY = (Operator.EQ, Operator.NE)
ORDERED = (*EQUALITY, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE)
TEXT = (*ORDERED, Operator.PREFIX)

texts = st.text(SPECIAL, max_size=4) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
full_texts = texts.filter(str.strip)
days = st.dates(date(1970, 1, 1), date(2100, 1, 1)) | st.sampled_from([date.min, date.max])
times = st.datetimes(timezones=st.just(UTC)) | st.sampled_from([
    datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 23, microsecond=1, tzinfo=UTC),
])
zoned = times | st.datetimes(timezones=st.sampled_from([
    timezone(timedelta(hours=14)), timezone(timedelta(hours=-12)),
]))
numbers = st.integers(1997, 2002)
any_numbers = numbers | st.integers()
ids = st.uuids() | st.integers(0, 3).map(lambda n: UUID(int=n << 124))
places = st.integers(1, 3)


@dataclass(frozen=True)
class Kind:
    """A kind of record, and how it can be asked for."""

    record: SearchStrategy[Record]
    fields: Mapping[str, tuple[tuple[Operator, ...], SearchStrategy[Any]]]
    """The operators and values of each field that can be filtered by."""
    nullable: tuple[str, ...]
    sorts: tuple[str, ...]
    linked: SearchStrategy[list[Record]] = st.just([])


RESOURCES = Kind(
    st.builds(
        Resource, id=ids, name=full_texts, description=st.none() | full_texts,
        attributes=st.just({}), client_id=st.sampled_from(["prepay", "Prepay", "lx"]),
        created_at=times, version=st.just(1),
    ),
    {
        "id": (ORDERED, ids), "name": (TEXT, texts), "description": (TEXT, texts),
        "client_id": (TEXT, st.sampled_from(["prepay", "PREPAY", "lx", "p", ""])),
        "created_at": (ORDERED, zoned),
    },
    ("description",),
    ("name", "created_at", "client_id"),
)
NAICS = Kind(
    st.builds(
        NaicsCode, code=full_texts, title=st.just("Bakeries"), level=st.sampled_from(NaicsLevel),
        parent_code=st.none() | full_texts, sector_code=st.sampled_from(["31-33", "31", "44"]),
        naics_year=numbers, active=st.booleans(), version=st.just(1),
    ),
    {
        "code": (TEXT, texts), "level": (EQUALITY, st.sampled_from(NaicsLevel)),
        "parent_code": (TEXT, texts), "naics_year": (ORDERED, any_numbers),
        "sector_code": (TEXT, st.sampled_from(["31-33", "31", "3", "4"])),
        "active": (ORDERED, st.booleans()),
    },
    ("parent_code",),
    ("code", "naics_year", "sector_code", "level", "active"),
)
HOLIDAYS = Kind(
    st.builds(
        Holiday, code=full_texts, calendar=st.sampled_from(CalendarName), date=days,
        name=full_texts, observed=st.booleans(), actual_date=days, version=st.just(1),
    ),
    {
        "code": (TEXT, texts), "date": (ORDERED, days),
        "calendar": (EQUALITY, st.sampled_from(CalendarName)),
    },
    (),
    ("date", "code", "calendar"),
)
USERS = Kind(
    st.builds(
        User, user_id=st.sampled_from(["U1", "u1", "U2", "U10", "Ü1"]), login=full_texts,
        first_name=st.just("Ada"), last_name=full_texts, email=full_texts,
        phone=st.none() | st.just("1"), user_type=st.just(UserType.PARTNER),
        status=st.sampled_from(UserStatus), version=st.just(1),
    ),
    {
        "user_id": (TEXT, st.sampled_from(["U1", "u", "U", "Ü", "X"])),
        "last_name": (TEXT, texts), "phone": (EQUALITY, st.sampled_from(["1", "2"])),
        "status": (EQUALITY, st.sampled_from(UserStatus)),
    },
    ("phone",),
    ("user_id", "last_name"),
    st.lists(
        st.builds(
            Access, user_id=st.sampled_from(["U1", "u1", "U2", "U10", "Ü1", "U9"]),
            location_id=places, is_primary=st.booleans(), version=st.just(1),
        ),
        max_size=8,
        unique_by=key_of,
    ),
)
KINDS = {"resource": RESOURCES, "naics-code": NAICS, "holiday": HOLIDAYS, "user": USERS}


@dataclass(frozen=True)
class Case:
    """Records of one kind, those linked to them, and a question."""

    records: tuple[Record, ...]
    linked: tuple[Record, ...]
    query: Query

    @property
    def kind(self) -> type[Record]:
        """The kind that is asked for."""
        return type(self.records[0])


@st.composite
def cases(draw: st.DrawFn, kind: Kind) -> Case:
    """Draw records and a question whose values are, half the time, among them."""
    records = draw(st.lists(kind.record, min_size=1, max_size=12, unique_by=key_of))
    linked = draw(kind.linked)
    clauses = draw(st.lists(clauses_of(kind, records), max_size=3))
    return Case(
        tuple(records),
        tuple(linked),
        Query(
            clauses=tuple(clauses),
            order=draw(orders(kind, type(records[0]))),
            limit=draw(st.integers(1, 5)),
        ),
    )


def clauses_of(kind: Kind, records: Sequence[Record]) -> SearchStrategy[Clause]:
    """Draw some terms that are joined by OR."""
    terms = st.sampled_from(sorted(kind.fields)).flatmap(
        lambda name: _terms(name, *kind.fields[name], records)
    )
    if kind.nullable:
        terms |= st.builds(
            Term, st.sampled_from(kind.nullable), st.just(Operator.NULL), st.tuples(st.booleans())
        )
    if kind is USERS:
        terms |= _linked_terms()
    return st.lists(terms, max_size=3).map(tuple)


def _terms(
    name: str,
    operators: tuple[Operator, ...],
    values: SearchStrategy[Any],
    records: Sequence[Record],
) -> SearchStrategy[Term]:
    there = [getattr(record, name) for record in records]
    known = [value for value in there if value is not None]
    some = values | st.sampled_from(known) if known else values
    several = st.builds(
        Term, st.just(name), st.sampled_from(EQUALITY), st.lists(some, max_size=3).map(tuple)
    )
    return several | st.builds(Term, st.just(name), st.sampled_from(operators), st.tuples(some))


def _linked_terms() -> SearchStrategy[Term]:
    at = st.builds(
        Term, st.just("location_id"), st.sampled_from(ORDERED), st.tuples(places), st.just(ACCESS)
    )
    primary = st.builds(
        Term, st.just("is_primary"), st.just(Operator.EQ), st.tuples(st.booleans()), st.just(ACCESS)
    )
    several = st.lists(places, max_size=3).map(tuple)
    within = st.builds(
        Term, st.just("location_id"), st.sampled_from(EQUALITY), several, st.just(ACCESS)
    )
    return at | primary | within


def orders(kind: Kind, of: type[Record]) -> SearchStrategy[tuple[Order, ...]]:
    """Draw an order that ends in the identity, as every list's does."""
    chosen = st.lists(
        st.builds(Order, st.sampled_from(kind.sorts), st.booleans()),
        max_size=2,
        unique_by=lambda order: order.field,
    )
    return st.tuples(chosen, st.booleans()).map(lambda drawn: (
        *drawn[0],
        *(
            Order(name, drawn[1])
            for name in marked(of, "identity")
            if name not in {order.field for order in drawn[0]}
        ),
    ))


def expected(case: Case) -> tuple[Record, ...]:
    """Filter and sort in Python, all at once."""

    def exists(link: Link, term: Term, record: Record) -> bool:
        beside = [one for one in case.linked if getattr(one, link.by) == getattr(record, link.by)]
        everyone = replace(EVERY, clauses=((term,),))
        return bool(select(beside, everyone, exists).items)

    whole = replace(case.query, limit=EVERY.limit, after=None)
    return select(list(case.records), whole, exists).items


def paged(source: Source, kind: type[Record], query: Query) -> Iterator[Page[Record]]:
    """Follow the pages from the first to the last."""
    page = source.find(kind, query)
    yield page
    while page.more:
        page = source.find(kind, replace(query, after=position(page.items[-1], query.order)))
        yield page


# Stores that hold what an example needs, and nothing else


@pytest.fixture(scope="module", params=ADAPTERS)
def stored(request: pytest.FixtureRequest) -> Stored:
    """Give what fills a store of each adapter."""
    filled: Stored = request.getfixturevalue(f"{request.param}_filled")
    return filled


@pytest.fixture(scope="module")
def memory_filled() -> Stored:
    """Fill a store in memory."""

    @contextmanager
    def filled(records: Sequence[Record]) -> Iterator[Source]:
        store = MemoryStore()
        store.apply([Write(None, record) for record in records])
        yield store

    return filled


@pytest.fixture(scope="module")
def sqlite_filled(
    empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stored]:
    """Fill a SQLite database in a transaction that is rolled back."""
    database = opened_copy(empty_sqlite, tmp_path_factory.mktemp("queries"))
    yield _filled(database)
    database.close()


@pytest.fixture(scope="module")
def oracle_filled(
    oracle: Callable[[Path], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stored]:
    """Fill Oracle likewise."""
    database = oracle(tmp_path_factory.mktemp("queries"))
    yield _filled(database)
    database.close()


def _filled(database: Database) -> Stored:
    @contextmanager
    def filled(records: Sequence[Record]) -> Iterator[Source]:
        with database.writing_engine.connect() as connection, connection.begin() as transaction:
            with explained(connection):
                write_all(connection, [Write(None, record) for record in records])
                yield SqlSource(connection)
                transaction.rollback()

    return filled


# The property


PREFIX_AT_THE_END_OF_UNICODE = Case(
    (a_resource("\U0010ffff", id=UUID(int=1)), a_resource("\U0010ffffa", id=UUID(int=2))),
    (),
    Query(order=(Order("id"),)).and_(Term("name", Operator.PREFIX, ("\U0010ffff",))),
)
EARLIER_THAN_ANY_UTC = Case(
    (a_resource(),),
    (),
    Query(order=(Order("id"),)).and_(
        Term(
            "created_at",
            Operator.GTE,
            (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),),
        )
    ),
)


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_the_pages_of_a_query_are_what_it_means_cut_in_pieces(
    stored: Stored, kind: str, data: st.DataObject
) -> None:
    case = data.draw(cases(KINDS[kind]))
    check(stored, case)


def check(stored: Stored, case: Case) -> None:
    """Compare every page, and what each says of the next."""
    with stored((*case.records, *case.linked)) as source:
        pages = list(paged(source, case.kind, case.query))
    assert tuple(record for page in pages for record in page.items) == expected(case)
    assert all(len(page.items) == case.query.limit for page in pages[:-1])
    assert len(pages[-1].items) <= case.query.limit


@pytest.mark.parametrize(
    "case", [PREFIX_AT_THE_END_OF_UNICODE, EARLIER_THAN_ANY_UTC], ids=["prefix", "early"]
)
def test_values_at_the_edge_of_what_there_is_compare_as_all_others(
    stored: Stored, case: Case
) -> None:
    check(stored, case)


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        (Operator.EQ, 10**30, 0), (Operator.NE, 10**30, 2), (Operator.LT, 10**30, 2),
        (Operator.GTE, 10**30, 0), (Operator.GT, -(10**30), 2), (Operator.LTE, -(10**30), 0),
    ],
)
def test_numbers_beyond_every_column_compare_as_all_others(
    stored: Stored, operator: Operator, value: int, found: int
) -> None:
    records = (entry("31", 1), entry("44", 9_999_999_999))
    query = Query(order=(Order("code"),)).and_(Term("naics_year", operator, (value,)))
    with stored(records) as source:
        assert len(source.find(NaicsCode, query).items) == found


def entry(code: str, year: int) -> NaicsCode:
    return NaicsCode(
        code=code, title="Trade", level=NaicsLevel.SECTOR, sector_code=code, naics_year=year,
        active=True, version=1,
    )


@pytest.mark.parametrize("operator", [Operator.EQ, Operator.NE])
def test_a_field_is_compared_with_thousands_of_values(stored: Stored, operator: Operator) -> None:
    records = tuple(a_resource(f"{number:04}", id=UUID(int=number)) for number in range(3000))
    asked = tuple(f"{number:04}" for number in range(0, 5002, 2))
    if operator is Operator.NE:
        asked = asked[:500]
    query = Query(order=(Order("id"),), limit=1000).and_(Term("name", operator, asked))
    check(stored, Case(records, (), query))


def test_a_link_is_followed_to_thousands_of_values(stored: Stored) -> None:
    people = tuple(replace(a_user(f"U{number:03}"), version=1) for number in range(50))
    at = tuple(
        Access(user_id=person.user_id, location_id=number, version=1)
        for number, person in enumerate(people)
    )
    query = Query(order=(Order("user_id"),), limit=7)
    check(stored, Case(people, at, query.where("location_id", *range(25, 5000), link=ACCESS)))


@pytest.mark.parametrize(
    "start",
    [
        "100%", "a_", "%", "_", "'", '"', "\\", "É", "é", "😀", "'; --", "\ud7ff", "a\U0010ffff",
    ],
)
def test_a_prefix_means_its_characters_and_nothing_else(stored: Stored, start: str) -> None:
    near = ["100", "ab", "x", "É", "é", "E", "e", "😀", "😁", "''", "\ud7fe", "\ue000", "b"]
    records = tuple(
        a_resource(name, id=UUID(int=number))
        for number, name in enumerate([start, start + "a", *(other + "-" for other in near)])
    )
    query = Query(order=(Order("name"), Order("id"))).and_(Term("name", Operator.PREFIX, (start,)))
    case = Case(records, (), query)
    check(stored, case)
    assert len(expected(case)) >= 2


def test_equality_minds_case_and_trailing_space(stored: Stored) -> None:
    names = ["Ada", "ada", "ADA", "Ada ", " Ada"]
    records = tuple(a_resource(name, id=UUID(int=n)) for n, name in enumerate(names))
    with stored(records) as source:
        found = source.find(Resource, EVERY.where("name", "Ada")).items
    assert [record.name for record in found] == ["Ada"]


def test_an_empty_store_gives_an_empty_last_page(stored: Stored) -> None:
    with stored(()) as source:
        assert source.find(Resource, Query(order=(Order("id"),))) == Page(())
        assert source.get(Resource, (UUID(int=1),)) is None


def test_a_clause_without_terms_and_an_equality_without_values_hold_for_nothing(
    stored: Stored,
) -> None:
    with stored((a_resource(),)) as source:
        assert not source.find(Resource, EVERY.and_()).items
        assert not source.find(Resource, EVERY.where("name")).items
        assert source.find(Resource, EVERY.and_(Term("name", Operator.NE, ()))).items


def test_a_page_says_that_more_follows_only_where_more_does(stored: Stored) -> None:
    records = tuple(a_resource(name, id=UUID(int=n)) for n, name in enumerate("abc"))
    query = Query(order=(Order("id"),))
    with stored(records) as source:
        pages = [source.find(Resource, replace(query, limit=limit)) for limit in (2, 3, 4)]
    assert [page.more for page in pages] == [True, False, False]


def test_a_position_between_records_is_as_good_as_one_on_a_record(stored: Stored) -> None:
    # The record that a cursor stands on may be gone by the time the next page is asked for.
    records = tuple(a_resource(name, id=UUID(int=n)) for n, name in enumerate("ace"))
    for descending, follow in ((False, ["c", "e"]), (True, ["a"])):
        order = (Order("name", descending), Order("id", descending))
        query = Query(order=order, after=("b", UUID(int=99)))
        with stored(records) as source:
            assert [r.name for r in source.find(Resource, query).items] == follow
