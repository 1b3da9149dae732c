"""The DynamoDB sink on real servers: whole, faulty, slow, lying and tampered with."""

import json
import os
import random
import socket
import ssl
import string
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3  # type: ignore[import-untyped]  # it has no types
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.serving import generate_adhoc_ssl_pair

from adapters.dynamodb import items, keys
from adapters.dynamodb.audit import DynamoDbAuditSink
from adapters.dynamodb.table import OtherTable, init_table
from adapters.dynamodb.wire import Untrusted, believe
from application.audit.record import AuditRecord, Change, Operation, Outcome, SealedRecord
from application.caller import Proof
from application.errors import Tampered, Unavailable
from application.query import Link, Operator, Order, Page, Query, Term, position, select
from domain.model import Record, uuid7
from tests.dynamodb_server import CREDENTIALS, ENDPOINTS, REGION, Server, dynamodb
from tests.support.in_time import PATIENCE, in_time

START = datetime(2026, 10, 31, 22, 30, tzinfo=timezone.utc)
"""So that records fall into several hours and into two months."""

NAMES = count(int(time.time() * 1000))


@pytest.fixture(scope="module", params=ENDPOINTS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    # pylint: disable-next=contextmanager-generator-missing-cleanup  # pytest ends its fixtures
    with dynamodb(request.param) as running:
        yield running


@pytest.fixture(scope="module")
def moto() -> Iterator[Server]:
    # pylint: disable-next=contextmanager-generator-missing-cleanup  # pytest ends its fixtures
    with dynamodb("moto") as running:
        yield running


@pytest.fixture
def table(server: Server) -> Iterator[str]:
    with a_table(server) as name:
        yield name


@pytest.fixture
def sink(server: Server, table: str) -> Iterator[DynamoDbAuditSink]:
    with a_sink(server, table) as opened:
        yield opened


@contextmanager
def a_table(server: Server) -> Iterator[str]:
    """Make a table of one's own."""
    server.heal()
    name = f"loapi-test-{next(NAMES)}"
    init_table(name, region=REGION, endpoint=server.url, protected=False)
    try:
        yield name
    finally:
        server.heal()
        with_client(server, lambda client: client.delete_table(TableName=name))


def a_sink(
    server: Server, table: str, deadline: float = 10.0
) -> AbstractContextManager[DynamoDbAuditSink]:
    """Open a sink."""
    return closing(
        DynamoDbAuditSink(table, region=REGION, endpoint=server.url, deadline=deadline)
    )


@cache
def session() -> Any:
    """Give what makes clients; it reads boto3's files once."""
    return boto3.Session()


def with_client(server: Server, work: Callable[[Any], Any]) -> Any:
    """Do something by boto3 itself."""
    client = session().client("dynamodb", region_name=REGION, endpoint_url=server.url)
    try:
        return work(client)
    finally:
        client.close()


def stored(server: Server, table: str) -> dict[keys.Key, Any]:
    """Read the whole table."""
    pages = with_client(server, lambda client: list(
        client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    ))
    return {items.key_of_item(item): item for page in pages for item in page["Items"]}


def owed(sealed: Sequence[SealedRecord]) -> dict[keys.Key, Any]:
    """Give what a table must hold, and nothing else."""
    found = []
    for each in sealed:
        main, parts = items.items_of(each)
        found += [main, *parts, *items.pointers_of(each)]
    return {items.key_of_item(item): item for item in found}


def a_record(chance: random.Random, at: datetime, **facts: Any) -> AuditRecord:
    """Make a record of something that happened at a time."""
    entities = [f"payoff/{chance.randrange(8)}" for _ in range(chance.randrange(4))]
    given: dict[str, Any] = {
        "id": uuid7(int(at.timestamp() * 1000), chance.getrandbits),
        "occurred_at": at,
        "outcome": chance.choice(list(Outcome)),
        "client_id": chance.choice([None, "prepay", "portal"]),
        "user_id": chance.choice([None, "U1001", "U1002", "U#2026"]),
        "proof": chance.choice([None, Proof.OIDC]),
        "request_id": f"request-{chance.randrange(40)}",
        "action": chance.choice(["payoff.request", "payoff.read", "user.change"]),
        "entities": tuple(dict.fromkeys(entities)),
        "filters": chance.choice([None, {"location_id": ["26378"]}]),
    }
    return AuditRecord(**given | facts)


def a_history(seed: int, length: int, first: int = 0) -> list[SealedRecord]:
    """Make records of some hours, now and then one whose id is of another time, sealed."""
    chance, at, made = random.Random(seed), START, []
    for index in range(first, first + length):
        at += timedelta(seconds=chance.randrange(150))
        odd = {"id": UUID(int=chance.getrandbits(128))} if chance.random() < 0.06 else {}
        made.append(a_seal(index, a_record(chance, at, **odd)))
    return made


def a_seal(index: int, record: AuditRecord) -> SealedRecord:
    """Seal a record; the sink takes the leaf as it is."""
    return SealedRecord(index, sha256(repr(record).encode()).digest(), record)


def a_large_record(size: int, seed: int) -> AuditRecord:
    """Make a record whose changes take some bytes and compress to about three quarters."""
    chance = random.Random(seed)
    text = "".join(chance.choices(string.ascii_letters + string.digits + "äß", k=size))
    change = Change(
        kind="payoff", key="1", operation=Operation.CHANGE, version=2,
        fields={"note": {"before": None, "after": text}},
    )
    return a_record(chance, START, changes=(change,), entities=("payoff/1",))


def expected(sealed: Sequence[SealedRecord], query: Query) -> Page[AuditRecord]:
    """Give what memory answers."""
    return select([each.record for each in sealed], query, no_links)


def no_links(_link: Link, _term: Term, _record: Record) -> bool:
    raise LookupError


def some_questions(sealed: Sequence[SealedRecord], chance: random.Random) -> Iterator[Query]:
    """Ask for everything that the port lets one ask for, alone and together."""
    named = ("entities", "client_id", "user_id", "request_id", "action", "outcome")
    for turn in range(30):
        query = Query(order=(Order("id", chance.random() < 0.5),), limit=chance.choice([1, 4, 50]))
        like = chance.choice(sealed).record
        for name in chance.sample(named, turn % 3):
            held = getattr(like, name)
            values = held if isinstance(held, tuple) else (held,)
            if values and values[0] is not None:
                query = query.where(name, *chance.sample(values, 1))
        for operator in chance.sample([Operator.GTE, Operator.GT, Operator.LT, Operator.LTE],
                                      chance.choice([0, 0, 1, 2])):
            at = chance.choice(sealed).record.occurred_at
            query = query.and_(Term("occurred_at", operator, (at,)))
        if chance.random() < 0.4:
            query = replace(query, after=(chance.choice(sealed).record.id,))
        yield query


def deliver_at_last(sink: DynamoDbAuditSink, sealed: Sequence[SealedRecord]) -> None:
    """Deliver as the relay does: again until it is done."""
    for _ in range(12):
        try:
            return sink.deliver(sealed)
        except Unavailable:
            continue
    raise AssertionError("the sink never takes it")


def test_every_question_is_answered_as_memory_answers_it(
    server: Server, sink: DynamoDbAuditSink
) -> None:
    sealed = a_history(seed=1, length=40)
    sink.deliver(sealed)
    for number, query in enumerate(some_questions(sealed, random.Random(2))):
        assert sink.find(query) == expected(sealed, query), (number, query)


def test_several_values_and_clauses_of_several_terms_are_answered_too(
    sink: DynamoDbAuditSink
) -> None:
    sealed = a_history(seed=3, length=40)
    sink.deliver(sealed)
    either = [Term(name, Operator.EQ, (value,))
              for name, value in (("user_id", "U1001"), ("action", "user.change"))]
    for query in (
        Query().where("entities", "payoff/1", "payoff/2", "payoff/3"),
        Query().where("entities", "payoff/1").where("entities", "payoff/2"),
        Query().and_(*either),
        Query().where("outcome", Outcome.FAILED, Outcome.REFUSED).where("action", "payoff.read"),
        Query().and_(Term("user_id", Operator.NULL, (True,))),
        Query().where("user_id", "nobody"),
    ):
        query = replace(query, order=(Order("id", True),))
        assert sink.find(query) == expected(sealed, query)


@pytest.mark.parametrize("descending", [False, True])
def test_pages_follow_one_another_without_gap_or_overlap(
    sink: DynamoDbAuditSink, descending: bool
) -> None:
    sealed = a_history(seed=4, length=40)
    sink.deliver(sealed)
    read: list[AuditRecord] = []
    query = Query(order=(Order("id", descending),), limit=7)
    while True:
        page = sink.find(query)
        read += page.items
        if not page.more:
            break
        query = replace(query, after=position(page.items[-1], query.order))
    assert read == list(expected(sealed, Query(order=query.order, limit=100)).items)


def test_another_order_is_refused(sink: DynamoDbAuditSink) -> None:
    with pytest.raises(ValueError, match="order of id"):
        sink.find(Query(order=(Order("occurred_at"),)))


def test_a_record_is_found_by_id_and_by_log_index(sink: DynamoDbAuditSink) -> None:
    sealed = a_history(seed=5, length=130, first=60)
    sink.deliver(sealed)
    assert sink.get(sealed[7].record.id) == sealed[7].record
    assert sink.get(UUID(int=7)) is None
    assert list(sink.scan(0, 1000)) == sealed
    assert list(sink.scan(99, 101)) == sealed[39:41]
    assert list(sink.scan(0, 10**12)) == sealed
    assert not list(sink.scan(500, 600))


def test_the_table_holds_what_is_owed_and_nothing_else(
    server: Server, table: str, sink: DynamoDbAuditSink
) -> None:
    sealed = a_history(seed=6, length=40)
    sink.deliver(sealed)
    assert stored(server, table) == owed(sealed)
    sink.deliver(sealed[5:])
    sink.deliver([sealed[0], sealed[0]])
    assert stored(server, table) == owed(sealed)


def test_large_records_are_compressed_and_then_split(
    server: Server, table: str, sink: DynamoDbAuditSink
) -> None:
    sizes = [50_000, 110_000, 380_000, 600_000, 1_500_000]
    sealed = [a_seal(n, a_large_record(size, n)) for n, size in enumerate(sizes)]
    sink.deliver(sealed)
    sink.deliver(sealed)
    assert list(sink.scan(0, 10)) == sealed
    assert [sink.get(each.record.id) for each in sealed] == [each.record for each in sealed]
    found = stored(server, table)
    assert found == owed(sealed)
    kinds = [{"body", "packed", "parts"} & set(items.items_of(each)[0]) for each in sealed]
    assert kinds == [{"body"}, {"packed"}, {"packed"}, {"parts"}, {"parts"}]


def test_a_record_above_all_limits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "MOST_PARTS", 2)
    with pytest.raises(items.TooLarge, match="above 700 KB"):
        items.items_of(a_seal(0, a_large_record(1_500_000, 1)))


def test_an_item_that_dynamodb_would_not_take_is_refused_by_us() -> None:
    item = items.key_item(("p", "s")) | {"packed": {"B": b"x" * (400 * 1024 - 17)}}
    with pytest.raises(items.TooLarge, match="409600"):
        items.check_size(item | {"n": {"N": "1"}})


def test_a_record_with_many_entities_is_found_by_each(
    server: Server, sink: DynamoDbAuditSink
) -> None:
    names = (*(f"user/U{n}" for n in range(60)), "user/" + "long" * 600)
    sealed = a_seal(0, a_record(random.Random(7), START, entities=names))
    server.fault("delay")
    sink.deliver([sealed])
    assert server.seen()["seen"]["BatchWriteItem"] == 3
    for name in names[::12]:
        assert sink.find(Query().where("entities", name)).items == (sealed.record,)


@pytest.mark.parametrize("change", ["leaf", "index"])
def test_another_seal_under_an_id_is_tampering_and_changes_nothing(
    server: Server, table: str, sink: DynamoDbAuditSink, change: str
) -> None:
    sealed = a_history(seed=8, length=12)
    sink.deliver(sealed[:8])
    seal = sealed[5]
    other = replace(seal, leaf=b"?" * 32) if change == "leaf" else replace(seal, index=99)
    with pytest.raises(Tampered, match=str(seal.record.id)):
        sink.deliver([sealed[8], other, *sealed[9:]])
    assert stored(server, table) == owed(sealed)


def test_another_record_at_a_place_in_the_log_is_tampering_and_changes_nothing(
    server: Server, table: str, sink: DynamoDbAuditSink
) -> None:
    sealed = a_history(seed=19, length=5)
    sink.deliver(sealed[:4])
    with pytest.raises(Tampered, match="log index 2"):
        sink.deliver([replace(sealed[4], index=2)])
    assert stored(server, table) == owed(sealed[:4])


def test_a_large_record_under_the_id_of_another_leaves_that_one_whole(
    sink: DynamoDbAuditSink
) -> None:
    kept = a_seal(0, a_large_record(700_000, 1))
    sink.deliver([kept])
    other = a_seal(0, replace(a_large_record(700_000, 2), id=kept.record.id))
    with pytest.raises(Tampered):
        sink.deliver([other])
    assert list(sink.scan(0, 1)) == [kept]


def altered(server: Server, table: str, key: keys.Key, **values: Any) -> None:
    """Change an item behind the sink's back; remove it where no value is given."""
    def alter(client: Any) -> None:
        if not values:
            client.delete_item(TableName=table, Key=items.key_item(key))
        else:
            item = client.get_item(TableName=table, Key=items.key_item(key))["Item"]
            client.put_item(TableName=table, Item=item | values)
    with_client(server, alter)


def test_the_scan_shows_what_was_done_to_the_table(
    server: Server, table: str, sink: DynamoDbAuditSink
) -> None:
    sealed = a_history(seed=9, length=10)
    sink.deliver(sealed)
    places = [keys.record_key(each.record.id) for each in sealed]
    altered(server, table, places[2])
    altered(server, table, places[4], log_index={"N": "5"})
    altered(server, table, places[7], leaf={"B": b"?" * 32})
    last = keys.log_sort(9, sealed[9].record.id)
    altered(server, table, (keys.log_partition(keys.block_of(9)), last))
    found = list(sink.scan(0, 10))
    assert [each.index for each in found] == [0, 1, 3, 5, 5, 6, 7, 8]
    assert found[6].leaf == b"?" * 32


@pytest.mark.parametrize(
    "body", [{"S": "{"}, {"S": '{"id": 1}'}, {"S": ""}], ids=["cut", "wrong", "empty"]
)
def test_a_body_that_cannot_be_read_is_tampering(
    server: Server, table: str, sink: DynamoDbAuditSink, body: dict[str, str]
) -> None:
    sealed = a_seal(0, a_record(random.Random(10), START))
    sink.deliver([sealed])
    altered(server, table, keys.record_key(sealed.record.id), body=body)
    with pytest.raises(Tampered, match="cannot be read"):
        sink.get(sealed.record.id)


@pytest.mark.parametrize(
    "kind, options",
    [
        ("throttle", {"probability": 0.3}),
        ("throttle", {"probability": 0.3, "code": "ThrottlingException"}),
        ("throttle", {"first": 4, "code": "RequestLimitExceeded"}),
        ("error", {"probability": 0.3}),
        ("failed_late", {"probability": 0.3}),
        ("page", {"probability": 0.3}),
        ("lost", {"probability": 0.3}),
        ("refused", {"probability": 0.3}),
        ("doubled", {}),
        ("partial", {"operations": ["BatchWriteItem", "BatchGetItem"]}),
        ("garbage", {"probability": 0.3}),
        ("forged", {"probability": 0.3}),
        ("corrupt", {"probability": 0.3}),
        ("delay", {"probability": 0.3, "seconds": 0.05}),
        ("trickle", {"first": 3, "seconds": 0.005}),
    ],
)
def test_a_fault_neither_loses_nor_doubles_nor_alarms(
    server: Server, table: str, sink: DynamoDbAuditSink, kind: str, options: dict[str, Any]
) -> None:
    sealed = a_history(seed=11, length=10)
    server.fault(kind, seed=int(os.environ.get("LOAPI_TEST_SEED", "12")), **options)
    deliver_at_last(sink, sealed)
    met = server.seen()["met"]
    read = list(sink.scan(0, len(sealed)))
    server.heal()
    assert sum(met.values()) > 0
    assert stored(server, table) == owed(sealed)
    assert read == sealed


@pytest.mark.parametrize("step", ["PutItem", "BatchWriteItem", "BatchGetItem"])
def test_a_delivery_that_stops_at_a_step_is_completed_by_the_next(
    server: Server, table: str, step: str
) -> None:
    sealed = a_history(seed=13, length=12)
    with a_sink(server, table, deadline=0.6) as sink:
        server.fault("error", operations=[step], first=10_000)
        with pytest.raises(Unavailable):
            sink.deliver(sealed)
        server.heal()
        deliver_at_last(sink, sealed)
    assert stored(server, table) == owed(sealed)


def test_two_relays_that_deliver_the_same_at_once_agree(
    server: Server, table: str, sink: DynamoDbAuditSink
) -> None:
    sealed, faults = a_history(seed=14, length=50), []

    def deliver() -> None:
        try:
            sink.deliver(sealed)
        except (Tampered, Unavailable) as error:
            faults.append(error)

    threads = [threading.Thread(target=deliver) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert stored(server, table) == owed(sealed)


SLOW = [
    ("trickle", {"seconds": 0.3}),
    ("headless", {"seconds": 0.05}),
    ("silence", {"seconds": 30}),
    ("throttle", {}),
    ("refused", {}),
    ("garbage", {}),
]


@pytest.mark.parametrize("kind, options", SLOW, ids=[kind for kind, _ in SLOW])
def test_no_call_outlives_its_deadline_and_no_thread_its_call(
    moto: Server, kind: str, options: dict[str, Any]
) -> None:
    sealed, query = a_history(seed=15, length=20), Query(order=(Order("id"),))
    with a_table(moto) as table, a_sink(moto, table, deadline=0.5) as sink:
        calls: list[Callable[[], Any]] = [
            lambda: sink.deliver(sealed), lambda: sink.find(query), lambda: list(sink.scan(0, 10)),
        ]
        slowest = 0.0
        for call in calls:
            moto.fault(kind, **options)
            began = time.monotonic()
            with pytest.raises(Unavailable):
                call()
            slowest = max(slowest, time.monotonic() - began)
        moto.heal()
        deliver_at_last(sink, sealed)
        assert list(sink.scan(0, 100)) == sealed
    await_the_end_of_calls()
    in_time(slowest, 0.8)


def await_the_end_of_calls() -> None:
    """Wait until no thread is in a call any more."""
    until = time.monotonic() + PATIENCE
    while any(thread.name.startswith("dynamodb") for thread in threading.enumerate()):
        assert time.monotonic() < until, "a thread is still in its call"
        time.sleep(0.02)


@contextmanager
def trickling_tls(folder: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Serve one connection over TLS, whose answer trickles; give the port and what comes in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate, key = generate_adhoc_ssl_pair("localhost")
    (folder / "tls.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "tls.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    got: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(listener.accept()[0], True) as connection:
            got.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in range(1000):
                connection.sendall(b" ")
                time.sleep(0.05)

    with socket.create_server(("localhost", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener])
        thread.start()
        yield listener.getsockname()[1], got
        thread.join()


def test_a_call_over_tls_is_cut_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with trickling_tls(tmp_path) as (port, got):
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "tls.crt"))
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        endpoint = f"https://localhost:{port}"
        sink = DynamoDbAuditSink("none", region=REGION, endpoint=endpoint, deadline=1.0)
        with closing(sink), pytest.raises(Unavailable):
            sink.get(UUID(int=1))
        await_the_end_of_calls()
    assert got[0].startswith(b"POST / HTTP/1.1")


def test_what_was_wrong_is_told_with_what_is_late(moto: Server) -> None:
    with a_table(moto) as table, a_sink(moto, table, deadline=0.4) as sink:
        moto.fault("garbage")
        with pytest.raises(Unavailable) as raised:
            sink.get(UUID(int=1))
    assert "no request id" in str(raised.getrepr(chain=True))


def test_a_table_that_throttles_all_is_left_in_peace(moto: Server) -> None:
    with a_table(moto) as table, a_sink(moto, table, deadline=2.5) as sink:
        moto.fault("throttle")
        with pytest.raises(Unavailable):
            sink.deliver(a_history(seed=16, length=1))
        assert sum(moto.seen()["seen"].values()) < 20


def test_an_endpoint_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    sink = DynamoDbAuditSink("none", region=REGION, endpoint="http://127.0.0.1:9", deadline=0.6)
    with pytest.raises(Unavailable):
        sink.get(UUID(int=1))
    sink.close()


def test_a_table_that_is_not_there_is_unavailable_at_once(server: Server) -> None:
    with a_sink(server, "loapi-no-such-table") as sink:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            sink.deliver(a_history(seed=17, length=1))
        in_time(time.monotonic() - began, 5)


@pytest.mark.parametrize(
    "headers", [{}, {"x-amzn-requestid": ""}, {"x-amzn-requestid": "a", "x-amz-crc32": "1"}]
)
def test_an_answer_without_proof_is_not_believed(headers: dict[str, str]) -> None:
    with pytest.raises(Untrusted):
        believe(headers, b"{}")


def test_an_answer_with_proof_is_believed() -> None:
    believe({"x-amzn-requestid": "a"}, b"{}")
    believe({"x-amzn-requestid": "a", "x-amz-crc32": str(zlib.crc32(b"{}"))}, b"{}")


def test_a_table_is_made_once_and_left_alone_then(server: Server) -> None:
    server.heal()
    name = f"loapi-test-{next(NAMES)}"
    made = init_table(name, region=REGION, endpoint=server.url, protected=False)
    again = init_table(name, region=REGION, endpoint=server.url, protected=False)
    assert (made.created, again.created) == (True, False)
    described = with_client(server, lambda client: client.describe_table(TableName=name))["Table"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    with_client(server, lambda client: client.delete_table(TableName=name))


def test_a_table_with_other_keys_is_refused(server: Server) -> None:
    name = f"loapi-test-{next(NAMES)}"
    with_client(server, lambda client: client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    ))
    with pytest.raises(OtherTable, match=name):
        init_table(name, region=REGION, endpoint=server.url)
    with_client(server, lambda client: client.delete_table(TableName=name))


def test_records_of_one_hour_are_spread_over_the_shards() -> None:
    at, chance = datetime(2026, 11, 23, 12, 15, tzinfo=timezone.utc), random.Random(18)
    records = [a_record(chance, at) for _ in range(1600)]
    placed = [keys.EVERY.partition("", record) for record in records]
    assert {each.rpartition("#")[0] for each in placed} == {"time##2026112312"}
    shares = [placed.count(each) for each in set(placed)]
    assert len(shares) == keys.SHARDS and max(shares) < 150


def test_the_documented_policy_allows_what_the_sink_does_and_no_more(
    server: Server, table: str, sink: DynamoDbAuditSink
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "dynamodb.md").read_text()
    policy = json.loads(text.partition("```json")[2].partition("```")[0])
    records, pointers, reads = policy["Statement"]
    server.fault("delay")
    sink.deliver(a_history(seed=20, length=20))
    assert sink.find(Query(order=(Order("id"),))).items
    allowed = {records["Action"], pointers["Action"], *reads["Action"]}
    assert {f"dynamodb:{name}" for name in server.seen()["seen"]} == allowed
    beginnings = [
        *records["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"],
        *pointers["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"],
    ]
    assert {f"{key.partition('#')[0]}#*" for key, _ in stored(server, table)} == set(beginnings)
