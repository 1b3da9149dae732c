"""/payoff asks for loans to be paid off, with an estimate, and follows what becomes of it."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from application.directory import FRESH_SECONDS
from domain.holiday import CalendarName, Holiday
from domain.model import marked
from domain.payoff import Payoff
from entrypoints.stocking import bring_in
from tests.http.serving import (
    FOREIGN_LOAN,
    LOAN,
    LOANS,
    MERGE_PATCH,
    TODAY,
    Api,
    a_payoff,
    etag,
    faulty_fields,
    is_uuid7,
    made,
    problem,
)

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "payoff_vectors.json").read_text())
C9 = next(vector for vector in VECTORS if vector["id"] == "C9")
FIVE_O_FOUR = "9900101004"
PAID_OFF = "9900101009"
NOBODYS = "9999999999"


def test_an_estimate_on_the_terms_of_c9_agrees_with_it(api: Api) -> None:
    found = made(api.as_(), "/payoff", a_payoff(payoff_date=C9["inputs"]["requested_payoff_date"]))
    assert {
        "good_through": found["good_through_date"],
        "days": found["days"],
        "per_diem_5dp": found["per_diem"],
        "accrued_interest": found["accrued_interest"],
        "payoff": found["total"],
    } == {name: C9["expected"][name] for name in C9["expected"] if name != "per_diem"}
    assert found["principal"] == C9["inputs"]["principal"]
    assert Decimal(found["annual_rate"]) == Decimal(C9["inputs"]["annual_rate"])
    assert found["day_count"] == C9["inputs"]["basis"]
    assert [fee["amount"] for fee in found["fees"]] == [C9["inputs"]["fees"]]


def test_what_the_caller_sends_comes_back_with_all_that_the_service_assigns(api: Api) -> None:
    sent = a_payoff(comments="Call before noon.")
    found = made(api.as_(location=900101), "/payoff", sent)
    assert is_uuid7(found["id"])
    told = {name: found[name] for name in sent if name != "requester"}
    assert told == {name: sent[name] for name in told}
    assert found["requester"] == {
        "name": "Pat Example", "email": "pat@example.com", "phone": None, "role": None,
    }
    assert {name: found[name] for name in ("status", "quote_type", "program", "location_id")} == {
        "status": "requested", "quote_type": "ESTIMATE", "program": "7A", "location_id": 900101,
    }
    assert (found["client_id"], found["created_by"]) == ("prepay", "U1001")
    assert found["created_at"] == found["updated_at"] and found["created_at"].endswith("Z")
    assert (found["currency"], found["version"], found["warnings"]) == ("USD", 1, [])


def days_360(start: date, end: date) -> int:
    """Count days as 30/360 (US) does, away from February's end."""
    first, last = min(start.day, 30), end.day
    last = 30 if last == 31 and first == 30 else last
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


@pytest.mark.parametrize("loan_number", LOANS)
@pytest.mark.parametrize("ahead", [0, 11, 60])
def test_an_estimate_is_simple_interest_by_the_loans_day_count(
    memory_api: Api, loan_number: str, ahead: int
) -> None:
    wanted = TODAY + timedelta(days=ahead)
    found = made(memory_api.as_(), "/payoff", a_payoff(loan_number, payoff_date=f"{wanted}"))
    start = date.fromisoformat(found["interest_paid_through"])
    end = date.fromisoformat(found["good_through_date"])
    days, year = {
        "ACT/365F": ((end - start).days, 365),
        "ACT/360": ((end - start).days, 360),
        "30/360": (days_360(start, end), 360),
    }[found["day_count"]]
    interest = Decimal(found["principal"]) * Decimal(found["annual_rate"]) * days / year
    accrued = interest.quantize(Decimal("0.01"), ROUND_HALF_UP)
    fees = sum(Decimal(fee["amount"]) for fee in found["fees"])
    assert (found["days"], Decimal(found["accrued_interest"])) == (days, accrued)
    assert Decimal(found["total"]) == Decimal(found["principal"]) + accrued + fees


@pytest.mark.parametrize(
    ("asked", "good_through"),
    [
        ("2026-07-03", "2026-07-03"),  # federal offices observe July 4; the Fed does not
        ("2026-07-04", "2026-07-06"),
        ("2026-07-05", "2026-07-06"),
        ("2026-09-05", "2026-09-08"),  # a weekend before Labor Day
        ("2026-09-07", "2026-09-08"),
        ("2026-12-25", "2026-12-28"),
        ("2027-01-01", "2027-01-04"),
        ("2027-07-04", "2027-07-06"),  # a Sunday, observed on Monday
    ],
)
def test_a_day_on_which_the_fed_is_closed_rolls_to_its_next_business_day(
    memory_api: Api, asked: str, good_through: str
) -> None:
    found = made(memory_api.as_(), "/payoff", a_payoff(payoff_date=asked))
    assert (found["payoff_date"], found["good_through_date"]) == (asked, good_through)
    assert found["rolled"] is (asked != good_through)
    assert (found["roll_reason"] is None) is (asked == good_through)
    assert asked == good_through or good_through in found["roll_reason"]


def test_a_holiday_that_is_imported_counts_within_10_s(serve: Callable[..., Api]) -> None:
    api = serve("sqlite")
    session, other = api.as_(), iter(LOANS)
    before = made(session, "/payoff", a_payoff(next(other), payoff_date="2026-07-10"))
    mourning = Holiday(
        code="FED_BANK-2026-07-10", calendar=CalendarName.FED_BANK, date=date(2026, 7, 10),
        name="Day of mourning", observed=False, actual_date=date(2026, 7, 10),
    )
    api.run(bring_in(api.runner, "holiday", [mourning]))
    time.sleep(FRESH_SECONDS + 0.2)
    after = made(session, "/payoff", a_payoff(next(other), payoff_date="2026-07-10"))
    found = [payoff["good_through_date"] for payoff in (before, after)]
    assert found == ["2026-07-10", "2026-07-13"]


@pytest.mark.parametrize(
    ("asked", "cutoff"),
    [("2026-07-10", "2026-07-10T16:00:00Z"), ("2027-01-15", "2027-01-15T17:00:00Z")],
)
def test_a_wire_must_arrive_by_noon_eastern(memory_api: Api, asked: str, cutoff: str) -> None:
    assert made(memory_api.as_(), "/payoff", a_payoff(payoff_date=asked))["wire_cutoff"] == cutoff


def test_a_504_loan_is_estimated_to_the_next_payment_date_of_its_debenture(api: Api) -> None:
    found = made(api.as_(), "/payoff", a_payoff(FIVE_O_FOUR, payoff_date="2026-07-16"))
    assert (found["program"], found["good_through_date"]) == ("504", "2026-07-16")
    assert found["interest_to"] == "2026-08-01"
    assert (found["days"], found["accrued_interest"], found["per_diem"]) == (0, "0.00", "0.00000")
    codes = [fee["code"] for fee in found["fees"]]
    assert codes == [
        "instalments", "csa-fee", "sba-guarantee-fee", "cdc-servicing-fee", "LATE", "NSF",
        "prepayment-premium",
    ]
    parts = sum(Decimal(fee["amount"]) for fee in found["fees"])
    assert Decimal(found["total"]) == Decimal(found["principal"]) + parts
    assert [warning["code"] for warning in found["warnings"]] == ["estimate-not-binding"]


def test_a_504_loan_is_paid_off_on_a_third_thursday_only(api: Api) -> None:
    answer = api.as_().post("/payoff", a_payoff(FIVE_O_FOUR, payoff_date="2026-07-17"))
    told = problem(answer, 422, "invalid")
    assert faulty_fields(told) == ["payoff_date"] and "2026-08-20" in told["detail"]


def test_the_offices_notice_is_asked_for(api: Api) -> None:
    session = api.as_(user="U1004")
    made(session, "/payoff", a_payoff("9090301004", payoff_date="2026-07-16"))
    late = session.post("/payoff", a_payoff("9090302004", payoff_date="2026-07-16"))
    told = problem(late, 422, "invalid")
    assert faulty_fields(told) == ["payoff_date"] and "30 days' notice" in told["detail"]
    in_time = a_payoff("9090302004", payoff_date="2026-07-16", notice_date="2026-06-16")
    assert made(session, "/payoff", in_time)["notice_date"] == "2026-06-16"


def test_the_rules_of_7a_add_their_charges_and_what_a_reader_should_know(api: Api) -> None:
    found = made(api.as_(), "/payoff", a_payoff(LOANS[1]))
    codes = [fee["code"] for fee in found["fees"]]
    assert codes == ["subsidy-recoupment", "short-notice-interest"]
    assert [warning["code"] for warning in found["warnings"]] == ["notice-needed"]
    session = api.as_()
    session.patch(f"/payoff/{found['id']}", {"status": "cancelled"}, headers=etag(found))
    again = made(session, "/payoff", a_payoff(LOANS[1], voluntary=False, notice_date="2026-06-10"))
    assert (again["fees"], again["warnings"]) == ([], [])


def test_a_pending_transaction_a_change_of_rate_and_a_rolled_date_are_warned_of(api: Api) -> None:
    found = made(api.as_(), "/payoff", a_payoff("9900102003", payoff_date="2026-08-15"))
    assert [warning["code"] for warning in found["warnings"]] == [
        "date-rolled", "transaction-in-range", "rate-change", "notice-needed",
    ]


def test_a_payoff_is_created_at_the_address_that_location_names(api: Api) -> None:
    session = api.as_()
    answer = session.post("/payoff/", a_payoff())
    record = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/payoff/{record['id']}"
    assert answer.headers["etag"] == '"1"'
    shown = session.get(answer.headers["location"].removeprefix("/api/v1"))
    assert (shown.json(), shown.headers["etag"]) == (record, '"1"')


def test_what_the_service_assigns_is_ignored_when_sent(api: Api) -> None:
    sent = a_payoff(
        id="00000000-0000-7000-8000-000000000001", status="settled", quote_type="FINAL",
        program="504", location_id=900201, total="1.00", fees=[], version=7, client_id="lx",
        created_by="U1002", created_at="2001-01-01T00:00:00Z", rolled=True,
    )
    found = made(api.as_(), "/payoff", sent)
    assert found["total"] == C9["expected"]["payoff"]
    assert found["id"] != sent["id"] and found["created_at"] > "2026"
    assert (found["status"], found["version"], found["location_id"]) == ("requested", 1, 900101)
    assert (found["client_id"], found["created_by"]) == ("prepay", "U1001")
    assert (found["quote_type"], found["program"], found["rolled"]) == ("ESTIMATE", "7A", False)


FORGED: dict[str, Any] = {
    "id": "00000000-0000-7000-8000-000000000001", "status": "settled", "quote_type": "FINAL",
    "program": "504", "location_id": 900201, "good_through_date": "2031-01-02", "rolled": True,
    "roll_reason": "forged", "wire_cutoff": "2031-01-02T00:00:00Z", "principal": "1.00",
    "annual_rate": "0.000001", "day_count": "30/360", "interest_paid_through": "2031-01-02",
    "interest_to": "2031-01-02", "days": 0, "per_diem": "0.00001", "accrued_interest": "0.01",
    "fees": [{"code": "forged", "description": "forged", "amount": "-1000.00"}], "total": "1.00",
    "currency": "EUR", "source": "forged", "warnings": [{"code": "forged", "detail": "forged"}],
    "client_id": "forged", "created_by": "forged", "created_at": "2001-01-01T00:00:00Z",
    "updated_at": "2001-01-01T00:00:00Z", "version": 7,
}
"""Another value for each field that the service assigns."""


def test_there_is_a_forgery_of_every_field_that_the_service_assigns() -> None:
    assert set(FORGED) == set(marked(Payoff, "assigned"))


@pytest.mark.parametrize("name", FORGED)
def test_no_figure_is_ever_taken_from_the_caller(memory_api: Api, name: str) -> None:
    session = memory_api.as_()
    honest = made(session, "/payoff", a_payoff())
    session.patch(f"/payoff/{honest['id']}", {"status": "cancelled"}, headers=etag(honest))
    found = made(session, "/payoff", a_payoff(**{name: FORGED[name]}))
    of_its_own = {"id", "created_at", "updated_at"}
    assert {k: v for k, v in found.items() if k not in of_its_own} == {
        k: v for k, v in honest.items() if k not in of_its_own
    }
    assert found[name] != FORGED[name]
    change = session.patch(
        f"/payoff/{found['id']}", {"status": "quoted", name: FORGED[name]}, headers=etag(found)
    )
    if name != "status":
        assert faulty_fields(problem(change, 422, "invalid")) == [name]


@pytest.mark.parametrize("name", ["amount", "payoff_amount", "premium", "recoupment", "terms"])
def test_an_amount_by_another_name_is_refused(memory_api: Api, name: str) -> None:
    answer = memory_api.as_().post("/payoff", a_payoff(**{name: "1.00"}))
    assert faulty_fields(problem(answer, 422, "invalid")) == [name]


def test_a_record_as_it_was_read_can_be_sent_again(api: Api) -> None:
    session = api.as_()
    first = made(session, "/payoff", a_payoff())
    session.patch(f"/payoff/{first['id']}", {"status": "cancelled"}, headers=etag(first))
    second = made(session, "/payoff", first)
    assert (second["status"], second["version"]) == ("requested", 1)
    assert second["id"] > first["id"]


def test_a_loan_has_one_open_payoff(api: Api) -> None:
    session = api.as_()
    first = made(session, "/payoff", a_payoff())
    told = problem(session.post("/payoff", a_payoff()), 409, "conflict")
    assert told["field"] == "loan_number"
    problem(api.as_(user="U1002").post("/payoff", a_payoff()), 409, "conflict")
    assert session.all("/payoff") == [first]
    session.patch(f"/payoff/{first['id']}", {"status": "cancelled"}, headers=etag(first))
    made(session, "/payoff", a_payoff())
    made(session, "/payoff", a_payoff(LOANS[1]))


def test_of_two_payoffs_for_a_loan_at_once_one_is_made(api: Api) -> None:
    session, other = api.as_(), api.as_("batch", "U1002")

    async def both() -> list[httpx.Response]:
        calls = (_posting(api, one.token(), json.dumps(a_payoff())) for one in (session, other))
        return list(await asyncio.gather(*calls))

    answers = api.run(both())
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(session.all("/payoff")) == 1


async def _posting(api: Api, token: str, body: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return await api.sending("POST", "/api/v1/payoff", headers=headers, content=body)


@pytest.mark.parametrize("loan_number", [FOREIGN_LOAN, NOBODYS])
def test_a_loan_that_the_user_may_not_see_is_not_there(api: Api, loan_number: str) -> None:
    told = problem(api.as_().post("/payoff", a_payoff(loan_number)), 404, "not-found")
    assert told["detail"] == "There is no such loan that you may see."
    assert told["field"] == "loan_number"


def test_a_loan_that_has_ended_cannot_be_paid_off(api: Api) -> None:
    problem(api.as_().post("/payoff", a_payoff(PAID_OFF)), 409, "conflict")


def test_a_payoff_of_another_location_is_not_there(api: Api) -> None:
    found = made(api.as_(), "/payoff", a_payoff())
    stranger = api.as_(user="U1003")
    path = f"/payoff/{found['id']}"
    for answer in (
        stranger.get(path),
        stranger.send("HEAD", path, headers={"accept": "*/*"}),
        stranger.patch(path, {"status": "quoted"}, headers=etag(found)),
    ):
        assert answer.status_code == 404
    assert stranger.all("/payoff") == []
    assert stranger.all("/payoff", **{"location-id": "900101"}) == []
    assert api.as_(user="U1002").get(path).json() == found


@pytest.mark.parametrize("ahead", [-1, 367])
def test_a_day_that_is_past_or_too_far_ahead_is_refused(api: Api, ahead: int) -> None:
    wanted = TODAY + timedelta(days=ahead)
    answer = api.as_().post("/payoff", a_payoff(payoff_date=wanted.isoformat()))
    assert faulty_fields(problem(answer, 422, "invalid")) == ["payoff_date"]


@pytest.mark.parametrize("ahead", [0, 366])
def test_the_first_and_the_last_day_that_can_be_asked_for_are_taken(
    memory_api: Api, ahead: int
) -> None:
    wanted = TODAY + timedelta(days=ahead)
    made(memory_api.as_(), "/payoff", a_payoff(payoff_date=wanted.isoformat()))


def test_today_is_new_yorks(memory_api: Api) -> None:
    memory_api.clock.forward(timedelta(hours=13))  # 2 o'clock UTC of the next day
    made(memory_api.as_(), "/payoff", a_payoff(payoff_date=TODAY.isoformat()))


WAYS = [
    ["quoted", "accepted", "funds_received", "settled"],
    ["failed", "requested", "quoted", "expired"],
    ["rejected"],
    ["quoted", "accepted", "cancelled"],
]


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_payoff_moves_from_state_to_state(api: Api, way: list[str]) -> None:
    session, record = api.as_(), made(api.as_(), "/payoff", a_payoff())
    for status in way:
        answer = session.patch(f"/payoff/{record['id']}", {"status": status}, headers=etag(record))
        assert answer.status_code == 200, answer.text
        moved = answer.json()
        assert answer.headers["etag"] == f'"{moved["version"]}"'
        assert moved["updated_at"] > record["updated_at"]
        assert moved == record | {
            "status": status, "version": record["version"] + 1, "updated_at": moved["updated_at"],
        }
        record = moved
    assert session.get(f"/payoff/{record['id']}").json() == record


@pytest.mark.parametrize(
    ("way", "wrong"),
    [
        ([], "settled"),
        ([], "requested"),
        (["quoted"], "funds_received"),
        (["quoted", "accepted", "funds_received"], "cancelled"),
        (["cancelled"], "requested"),
    ],
)
def test_a_step_that_a_state_does_not_allow_is_refused(
    api: Api, way: list[str], wrong: str
) -> None:
    session, record = api.as_(), made(api.as_(), "/payoff", a_payoff())
    path = f"/payoff/{record['id']}"
    for status in way:
        record = session.patch(path, {"status": status}, headers=etag(record)).json()
    problem(session.patch(path, {"status": wrong}, headers=etag(record)), 409, "conflict")
    assert session.get(path).json() == record


def test_only_the_status_of_a_payoff_can_be_changed(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/payoff", a_payoff())
    path = f"/payoff/{record['id']}"
    told = problem(
        session.patch(path, {"status": "quoted", "comments": "x"}, headers=etag(record)),
        422, "invalid",
    )
    assert faulty_fields(told) == ["comments"]
    told = problem(session.patch(path, {}, headers=etag(record)), 422, "invalid")
    assert faulty_fields(told) == ["status"]
    told = problem(session.patch(path, {"status": "gone"}, headers=etag(record)), 422, "invalid")
    assert faulty_fields(told) == ["status"]
    assert session.get(path).json() == record


def test_a_change_names_the_version_that_it_is_for(api: Api) -> None:
    session, record = api.as_(), made(api.as_(), "/payoff", a_payoff())
    path, body = f"/payoff/{record['id']}", {"status": "quoted"}
    told = problem(session.patch(path, body), 428, "version-required")
    assert faulty_fields(told) == ["If-Match"]
    told = problem(session.patch(path, body, headers={"if-match": '"2"'}), 412, "stale")
    assert faulty_fields(told) == ["If-Match"]
    for malformed in ("1", '"0"', 'W/"1"', "*", '"1", "2"', '"x"', "", '"9999999999"'):
        answer = session.patch(path, body, headers={"if-match": malformed})
        assert faulty_fields(problem(answer, 400, "malformed-request")) == ["If-Match"]
    assert session.patch(path, body, headers={"if-match": '"1"'}).status_code == 200


@pytest.mark.parametrize("media_type", ["application/json", MERGE_PATCH])
def test_a_change_may_be_sent_as_json_or_as_a_merge_patch(
    memory_api: Api, media_type: str
) -> None:
    session, record = memory_api.as_(), made(memory_api.as_(), "/payoff", a_payoff())
    headers = {"content-type": media_type, **etag(record)}
    answer = session.patch(f"/payoff/{record['id']}", {"status": "quoted"}, headers=headers)
    assert answer.status_code == 200


def test_payoffs_are_listed_newest_first_and_by_their_fields(api: Api) -> None:
    session = api.as_()
    first, second, third = (made(session, "/payoff", a_payoff(loan)) for loan in LOANS[:3])
    moved = session.patch(f"/payoff/{second['id']}", {"status": "quoted"}, headers=etag(second))
    second = moved.json()
    assert session.all("/payoff") == [third, second, first]
    assert session.all("/payoff", status="quoted") == [second]
    assert session.all("/payoff", **{"loan-number": LOAN}) == [first]
    assert session.all("/payoff", **{"created-at.gt": first["created_at"]}) == [third, second]
    assert session.all("/payoff", id=[first["id"], third["id"]]) == [third, first]
    assert session.all("/payoff", sort="created-at") == [first, second, third]
    assert session.all("/payoff", **{"payoff-date.lte": "2026-07-02"}) == []
