"""A payoff's life: who may take it where, how it expires by date, whose figures bind."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from application.ports import Work
from domain.loan import Loan, LoanStatus
from domain.payoff_status import NEXT, WHO_MAY, PayoffStatus
from entrypoints.stocking import operator
from tests.http.serving import (
    LOAN,
    LOANS,
    STORES,
    TODAY,
    Api,
    Session,
    a_payoff,
    etag,
    faulty_fields,
    made,
    problem,
)
from tests.support.upstream import Upstream, answering, hang_up, silent, upstream

TOMORROW = (TODAY + timedelta(days=3)).isoformat()
"""The next business day: it is Friday."""
PAST_NOON = timedelta(hours=3, seconds=1)
"""How far it is from the tests' morning to past noon."""

SERVICED_BY_U1005 = "9900103001"
"""A loan of 900103, where U1005 is a servicer and U1001 looks on."""


def moved(session: Session, record: dict[str, Any], *way: str) -> dict[str, Any]:
    """Take a payoff along a way."""
    for status in way:
        answer = session.patch(f"/payoff/{record['id']}", {"status": status}, headers=etag(record))
        assert answer.status_code == 200, answer.text
        record = answer.json()
    return record


def move(session: Session, record: dict[str, Any], status: str) -> httpx.Response:
    """Try to take a payoff a step on."""
    return session.patch(f"/payoff/{record['id']}", {"status": status}, headers=etag(record))


# Who may


@pytest.mark.parametrize("status", PayoffStatus)
def test_a_requester_alone_takes_no_step_of_the_servicers(
    memory_api: Api, status: PayoffStatus
) -> None:
    both, requester = memory_api.as_(), memory_api.as_(user="U1002")
    way: list[str] = {"accepted": ["quoted"], "requested": ["failed"]}.get(status.value, [])
    record = moved(both, made(requester, "/payoff", a_payoff()), *way)
    answer = move(requester, record, status)
    if "payoff-requester" in WHO_MAY[status]:
        assert answer.status_code == 200, answer.text
        return
    told = problem(answer, 403, "forbidden")
    assert "payoff-servicer at location 900101" in told["detail"]
    assert both.get(f"/payoff/{record['id']}").json() == record
    (account,) = memory_api.account_of(answer)
    assert (account["outcome"], account["reason"], account["changes"]) == (
        "refused", "forbidden", [],
    )


@pytest.mark.parametrize("status", ["accepted", "cancelled"])
def test_a_servicer_alone_takes_no_step_of_the_requesters(memory_api: Api, status: str) -> None:
    servicer = memory_api.as_(user="U1005")
    record = moved(servicer, made(servicer, "/payoff", a_payoff(SERVICED_BY_U1005)), "quoted")
    told = problem(move(servicer, record, status), 403, "forbidden")
    assert "payoff-requester at location 900103" in told["detail"]
    moved(servicer, record, "rejected")


def test_who_looks_on_asks_for_nothing(api: Api) -> None:
    viewer, servicer = api.as_(), api.as_(user="U1005")
    problem(viewer.post("/payoff", a_payoff(SERVICED_BY_U1005)), 403, "forbidden")
    record = made(servicer, "/payoff", a_payoff(SERVICED_BY_U1005))
    assert viewer.get(f"/payoff/{record['id']}").json() == record
    for status in PayoffStatus:
        problem(move(viewer, record, status), 403, "forbidden")


def test_every_step_of_a_whole_life_leaves_its_record(api: Api) -> None:
    session = api.as_()
    record = made(session, "/payoff", a_payoff())
    way = ["quoted", "accepted", "funds_received", "settled"]
    moved(session, record, *way)
    told = api.records(entity=f"payoff/{record['id']}", action="payoff.move")
    steps = [one["changes"][0] for one in reversed(told)]
    assert [step["fields"]["status"]["after"] for step in steps] == way
    assert [step["fields"]["status"]["before"] for step in steps] == ["requested", *way[:-1]]
    assert [step["version"] for step in steps] == [2, 3, 4, 5]
    assert {one["user_id"] for one in told} == {"U1001"}


def test_the_document_tells_who_may_take_it_where(memory_api: Api) -> None:
    document = memory_api.send("GET", "/openapi.json").json()
    told = document["paths"]["/api/v1/payoff/{payoff_id}"]["patch"]["description"]
    rows = {}
    for line in told.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and cells[0].startswith("`"):
            rows[cells[0].strip("`")] = [set(cell.replace("`", "").split()) for cell in cells[1:]]
    assert rows == {
        present.value: [
            {status.value for status in following if role in WHO_MAY[status]}
            for role in ("payoff-requester", "payoff-servicer")
        ]
        for present, following in NEXT.items()
    }


# Expiry by date


@pytest.mark.parametrize("way", [[], ["quoted"], ["quoted", "accepted"], ["failed"]], ids=str)
def test_an_open_payoff_expires_when_the_cutoff_has_passed(api: Api, way: list[str]) -> None:
    session = api.as_()
    record = moved(session, made(session, "/payoff", a_payoff()), *way)
    path = f"/payoff/{record['id']}"
    fresh = session.get(path, headers={"if-none-match": etag(record)["if-match"]})
    assert fresh.status_code == 304
    api.clock.forward(PAST_NOON)
    answer = session.get(path, headers={"if-none-match": etag(record)["if-match"]})
    expired = record | {
        "status": "expired", "version": record["version"] + 1, "updated_at": record["wire_cutoff"],
    }
    assert (answer.status_code, answer.json()) == (200, expired)
    assert answer.headers["etag"] == etag(expired)["if-match"]
    assert session.all("/payoff") == [expired]
    for status in PayoffStatus:
        problem(move(session, expired, status), 409, "conflict")
    problem(move(session, record, "cancelled"), 412, "stale")
    assert session.get(path).json() == expired


def test_what_is_paid_in_time_is_settled_whenever(api: Api) -> None:
    session = api.as_()
    record = made(session, "/payoff", a_payoff())
    record = moved(session, record, "quoted", "accepted", "funds_received")
    api.clock.forward(timedelta(days=40))
    assert session.get(f"/payoff/{record['id']}").json() == record
    problem(session.post("/payoff", a_payoff(payoff_date="2026-08-20")), 409, "conflict")
    assert moved(session, record, "settled")["status"] == "settled"


def test_an_expired_payoff_makes_room_for_the_next_one(api: Api) -> None:
    session = api.as_()
    old = made(session, "/payoff", a_payoff())
    api.clock.forward(PAST_NOON)
    expired = session.get(f"/payoff/{old['id']}").json()
    answer = session.post("/payoff", a_payoff())
    assert answer.status_code == 201, answer.text
    new = answer.json()
    assert (new["status"], new["good_through_date"]) == ("requested", TOMORROW)
    assert session.get(f"/payoff/{old['id']}").json() == expired
    (account,) = api.account_of(answer)
    first, second = sorted(account["changes"], key=lambda change: change["operation"])
    assert (first["operation"], first["key"]) == ("add", new["id"])
    assert (second["operation"], second["key"], second["version"]) == ("change", old["id"], 2)
    assert second["fields"]["status"] == {"before": "requested", "after": "expired"}
    problem(session.post("/payoff", a_payoff()), 409, "conflict")


def test_of_two_that_follow_an_expired_payoff_at_once_one_is_made(api: Api) -> None:
    made(api.as_(), "/payoff", a_payoff())
    api.clock.forward(PAST_NOON)
    sessions = (api.as_(), api.as_("batch", "U1002"))

    async def both() -> list[httpx.Response]:
        return list(await asyncio.gather(*(_posting(api, one.token()) for one in sessions)))

    assert sorted(answer.status_code for answer in api.run(both())) == [201, 409]
    states = sorted(one["status"] for one in api.as_().all("/payoff"))
    assert states == ["expired", "requested"]


async def _posting(api: Api, token: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    body = json.dumps(a_payoff())
    return await api.sending("POST", "/api/v1/payoff", headers=headers, content=body)


DEBENTURE, THURSDAY = "9900101004", "2026-07-16"
"""A 504 loan, and the next day on which it can be paid off."""


def one_of_each(api: Api) -> list[dict[str, Any]]:
    """Leave a payoff in every state that there is, the perishable ones for today."""
    session = api.as_()
    ways: list[list[str]] = [
        [], ["quoted"], ["quoted", "accepted"], ["failed"],
        ["quoted", "accepted", "funds_received"], ["rejected"],
    ]
    for loan, way in zip(LOANS, ways, strict=True):
        moved(session, made(session, "/payoff", a_payoff(loan)), *way)
    settled = ["quoted", "accepted", "funds_received", "settled"]
    for way in (["cancelled"], ["expired"], ["quoted"]):
        moved(session, made(session, "/payoff", a_payoff(LOANS[5], payoff_date=TOMORROW)), *way)
    moved(session, made(session, "/payoff", a_payoff(DEBENTURE, payoff_date=THURSDAY)), *settled)
    return session.all("/payoff")


FILTERS: list[dict[str, Any]] = [
    *({"status": one.value} for one in PayoffStatus),
    *({"status.ne": one.value} for one in PayoffStatus),
    {"status": ["expired", "quoted"]},
    {"status": ["expired", "funds_received", "settled", "rejected", "cancelled"]},
    {"status": ["requested", "settled", "rejected"]},
    {"status.ne": ["expired", "settled"]},
    {"status": "expired", "loan-number": LOAN},
    {"or.a.status": "expired", "or.a.loan-number": LOANS[5]},
    {"or.a.status": "quoted", "or.a.payoff-date.gt": TODAY.isoformat(), "status.ne": "expired"},
]


def chosen(record: dict[str, Any], filters: dict[str, Any]) -> bool:
    """Tell whether a payoff, as it is shown, meets the filters."""
    grouped = [_meets(record, name, wanted) for name, wanted in filters.items() if "or." in name]
    alone = [_meets(record, name, wanted) for name, wanted in filters.items() if "or." not in name]
    return all(alone) and (any(grouped) or not grouped)


def _meets(record: dict[str, Any], name: str, wanted: Any) -> bool:
    field, _, operator = name.removeprefix("or.a.").partition(".")
    values = wanted if isinstance(wanted, list) else [wanted]
    value = record[field.replace("-", "_")]
    if operator == "gt":
        return bool(value > values[0])
    return (value in values) is (operator != "ne")


@pytest.mark.parametrize("store", STORES)
def test_a_list_by_state_agrees_with_what_it_shows_before_and_after_noon(
    serve: Callable[..., Api], store: str
) -> None:
    api = serve(store)
    before = one_of_each(api)
    session = api.as_()
    assert {one["status"] for one in before} == {one.value for one in PayoffStatus}
    for filters in FILTERS:
        assert session.all("/payoff", **filters) == [
            one for one in before if chosen(one, filters)
        ], filters
    api.clock.forward(PAST_NOON)
    after = session.all("/payoff")
    assert [one["status"] for one in after].count("expired") == 5
    for filters in FILTERS:
        found = session.all("/payoff", **filters, limit="2")
        assert found == [one for one in after if chosen(one, filters)], filters


def test_a_loan_that_was_paid_off_has_no_second_payoff_until_its_accounts_say_otherwise(
    api: Api,
) -> None:
    session = api.as_()
    paid = moved(
        session, made(session, "/payoff", a_payoff()),
        "quoted", "accepted", "funds_received", "settled",
    )
    told = problem(session.post("/payoff", a_payoff(payoff_date=TOMORROW)), 409, "conflict")
    assert paid["id"] in told["detail"]
    change_loan(api, interest_paid_through=TODAY + timedelta(days=1))
    made(session, "/payoff", a_payoff(payoff_date=(TODAY + timedelta(days=4)).isoformat()))


@pytest.mark.parametrize("loan", [*LOANS, DEBENTURE])
@pytest.mark.parametrize("day", ["2026-07-16", "2027-02-18"])
def test_a_payoff_is_answered_as_it_is_read(api: Api, loan: str, day: str) -> None:
    session = api.as_()
    told = made(session, "/payoff", a_payoff(loan, payoff_date=day))
    assert session.get(f"/payoff/{told['id']}").json() == told


# Figures are taken anew


def change_loan(api: Api, **facts: Any) -> None:
    """Let the accounting system change what it knows of the loan."""

    def change(work: Work) -> None:
        loan = work.get(Loan, LOAN)
        assert loan is not None
        work.change(replace(loan, **facts))

    api.run(api.runner.write(operator("loan.import"), change))


def test_a_quote_is_of_the_loan_as_it_is_by_now(api: Api) -> None:
    session = api.as_()
    record = made(session, "/payoff", a_payoff(payoff_date="2026-07-10"))
    change_loan(api, principal=Decimal("400000.00"))
    quoted = moved(session, record, "quoted")
    assert (quoted["principal"], quoted["good_through_date"]) == ("400000.00", "2026-07-10")
    change_loan(api, principal=Decimal("390000.00"))
    assert moved(session, quoted, "quoted")["principal"] == "390000.00"


def test_a_loan_that_has_ended_meanwhile_is_not_quoted(api: Api) -> None:
    session = api.as_()
    record = made(session, "/payoff", a_payoff())
    change_loan(api, status=LoanStatus.PAID_IN_FULL)
    told = problem(move(session, record, "quoted"), 409, "conflict")
    assert faulty_fields(told) == ["loan_number"]
    assert moved(session, record, "rejected")["status"] == "rejected"


# Final figures

FINAL = {
    "loan_number": LOAN, "good_through_date": TODAY.isoformat(), "principal": "412350.75",
    "accrued_interest": "2186.02", "fees": [
        {"code": "wire", "description": "Incoming wire", "amount": "15.00"},
    ],
    "total": "414551.77", "currency": "USD", "source": "core ledger",
}


@pytest.fixture(name="ledger")
def accounting_system() -> Iterator[Upstream]:
    """Run an accounting system that has the figures."""
    with upstream(answering(FINAL)) as server:
        yield server


@pytest.fixture(name="figured", params=STORES)
def with_figures(
    request: pytest.FixtureRequest, serve: Callable[..., Api], ledger: Upstream
) -> Api:
    """Serve with an accounting system to ask."""
    return serve(request.param, figures_url=ledger.url, figures_seconds=0.5, figures_token="t0ken")


def test_a_quote_has_the_figures_that_bind(figured: Api, ledger: Upstream) -> None:
    session = figured.as_()
    record = made(session, "/payoff", a_payoff())
    assert (record["quote_type"], record["source"], ledger.count()) == ("ESTIMATE", "loapi", 0)
    answer = move(session, record, "quoted")
    quoted = answer.json()
    assert (quoted["status"], quoted["quote_type"], quoted["source"]) == (
        "quoted", "FINAL", "core ledger",
    )
    assert (quoted["total"], quoted["fees"]) == (FINAL["total"], FINAL["fees"])
    assert [one["code"] for one in quoted["warnings"]] == ["estimate-differs"]
    (call,) = ledger.calls
    assert call.path == f"/?loan-number={LOAN}&good-through-date={TODAY}"
    assert call.headers["authorization"] == "Bearer t0ken"
    (account,) = figured.account_of(answer)
    fields = account["changes"][0]["fields"]
    assert fields["quote_type"] == {"before": "ESTIMATE", "after": "FINAL"}
    assert fields["total"]["after"] == FINAL["total"]
    moved(session, quoted, "accepted", "funds_received", "settled")
    assert ledger.count() == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (silent, "too-slow"),
        (hang_up, "unreachable"),
        (answering({}, status=500), "status-500"),
        (answering({}, status=404), "not-ready"),
        (answering({**FINAL, "total": "414551.78"}), "do-not-add-up"),
        (answering({**FINAL, "loan_number": LOANS[1]}), "of-another-payoff"),
        (answering({**FINAL, "total": 414551.77}), "wrong-schema"),
    ],
    ids=lambda one: one if isinstance(one, str) else "answer",
)
def test_a_payoff_without_final_figures_has_failed_and_can_be_tried_again(
    figured: Api, ledger: Upstream, answer: Any, reason: str
) -> None:
    session = figured.as_()
    record = made(session, "/payoff", a_payoff())
    ledger.answer = answer
    failing = move(session, record, "quoted")
    failed = failing.json()
    assert failing.status_code == 200 and failed["status"] == "failed"
    assert [one["code"] for one in failed["warnings"]] == ["figures-unavailable"]
    assert reason in failed["warnings"][0]["detail"]
    unchanged = ("quote_type", "total", "fees", "source")
    assert [failed[name] for name in unchanged] == [record[name] for name in unchanged]
    (account,) = figured.account_of(failing)
    assert account["outcome"] == "committed"
    assert account["changes"][0]["fields"]["status"] == {"before": "requested", "after": "failed"}
    again = moved(session, failed, "quoted")
    assert (again["status"], len(again["warnings"])) == ("failed", 1)
    ledger.answer = answering(FINAL)
    quoted = moved(session, again, "quoted")
    assert (quoted["status"], quoted["quote_type"]) == ("quoted", "FINAL")
    assert "figures-unavailable" not in [one["code"] for one in quoted["warnings"]]


def test_a_quote_outlives_a_source_that_goes_away(figured: Api, ledger: Upstream) -> None:
    session = figured.as_()
    quoted = moved(session, made(session, "/payoff", a_payoff()), "quoted")
    ledger.answer = hang_up
    again = moved(session, quoted, "quoted")
    assert (again["status"], again["quote_type"], again["total"]) == (
        "quoted", "FINAL", FINAL["total"],
    )
    assert again["warnings"][-1]["code"] == "figures-unavailable"
    moved(session, again, "accepted")


def test_the_source_is_asked_for_nobody_who_may_not_quote(figured: Api, ledger: Upstream) -> None:
    session = figured.as_()
    record = made(session, "/payoff", a_payoff())
    problem(move(figured.as_(user="U1002"), record, "quoted"), 403, "forbidden")
    problem(move(figured.as_(user="U1003"), record, "quoted"), 404, "not-found")
    problem(move(session, record | {"version": 9}, "quoted"), 412, "stale")
    moved(session, record, "rejected")
    problem(move(session, record | {"version": 2}, "quoted"), 409, "conflict")
    assert ledger.count() == 0


def test_a_quote_sent_twice_under_one_key_is_one_quote(figured: Api, ledger: Upstream) -> None:
    session = figured.as_().with_(idempotency_key="quote-1")
    record = made(figured.as_(), "/payoff", a_payoff())
    first, second = move(session, record, "quoted"), move(session, record, "quoted")
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert ledger.count() == 1
