"""Asks the accounting system over HTTP what pays a loan off, and believes no sum unchecked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from application.fetching import Fetcher, NoAnswer
from application.figures import NoFigures
from domain.errors import Invalid
from domain.fee import Fee
from domain.final import FinalQuote

MOST_FEES: Final = 50

_UNKNOWN_STATUS: Final = 404
_MEMBERS: Final = frozenset({
    "loan_number", "good_through_date", "principal", "accrued_interest", "fees", "total",
    "currency", "source",
})
_MORE_MEMBERS: Final = frozenset({"interest_to", "per_diem"})
_FEE_MEMBERS: Final = frozenset({"code", "description", "amount"})

_LOAN_NUMBER: Final = re.compile(r"[0-9]{10}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONEY: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{2}")
_PER_DIEM: Final = re.compile(r"(0|[1-9][0-9]{0,12})\.[0-9]{1,5}")
_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
_TEXT: Final = re.compile(r"\S(.{0,198}\S)?")
_SOURCE: Final = re.compile(r"\S(.{0,58}\S)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresEndpoint:
    """Where the accounting system is asked, and how we prove ourselves there."""

    url: str
    token: str | None = field(default=None, repr=False)
    """Sent as a bearer token."""


class HttpFinalFigures:
    """FinalFigures from `GET URL?loan-number=…&good-through-date=…`.

    404 means that the figures are not ready, as those of a 504 loan before the month's debits
    are posted. Amounts are texts with two decimals; an answer with a member that is unknown or
    missing is refused whole.
    """

    def __init__(self, endpoint: FiguresEndpoint, fetcher: Fetcher) -> None:
        self._endpoint = endpoint
        self._fetcher = fetcher

    async def ask(self, loan_number: str, good_through: date) -> FinalQuote:
        """Give the figures for a loan on a day; raises NoFigures."""
        question = f"?loan-number={loan_number}&good-through-date={good_through}"
        try:
            answer = await self._fetcher.fetch("GET", self._endpoint.url + question, self._proof())
        except NoAnswer as error:
            not_ready = error.status == _UNKNOWN_STATUS
            raise NoFigures("not-ready" if not_ready else error.reason) from None
        return _quote(answer)

    async def close(self) -> None:
        """Close every connection."""
        await self._fetcher.close()

    def _proof(self) -> Mapping[str, str]:
        token = self._endpoint.token
        return {} if token is None else {"authorization": f"Bearer {token}"}


def _quote(answer: Any) -> FinalQuote:
    told = _members(answer, _MEMBERS, _MORE_MEMBERS)
    if told["currency"] != "USD":
        raise NoFigures("wrong-schema")
    amounts = {n: _money(told[n]) for n in ("principal", "accrued_interest", "total")}
    fees = _fees(told["fees"])
    try:
        return FinalQuote(
            loan_number=_text(told["loan_number"], _LOAN_NUMBER),
            good_through_date=_day(told["good_through_date"]),
            fees=fees,
            source=_text(told["source"], _SOURCE),
            interest_to=_day(told["interest_to"]) if "interest_to" in told else None,
            per_diem=Decimal(_text(told["per_diem"], _PER_DIEM)) if "per_diem" in told else None,
            **amounts,
        )
    except Invalid:
        raise NoFigures("do-not-add-up") from None


def _fees(told: Any) -> tuple[Fee, ...]:
    if not isinstance(told, list) or len(told) > MOST_FEES:
        raise NoFigures("wrong-schema")
    return tuple(_fee(_members(one, _FEE_MEMBERS)) for one in told)


def _fee(told: Mapping[str, Any]) -> Fee:
    return Fee(
        code=_text(told["code"], _CODE),
        description=_text(told["description"], _TEXT),
        amount=_money(told["amount"]),
    )


def _members(
    told: Any, needed: frozenset[str], possible: frozenset[str] = frozenset()
) -> Mapping[str, Any]:
    if not isinstance(told, dict) or not needed <= told.keys() <= needed | possible:
        raise NoFigures("wrong-schema")
    return told


def _text(told: Any, pattern: re.Pattern[str]) -> str:
    if not isinstance(told, str) or not pattern.fullmatch(told) or not told.isprintable():
        raise NoFigures("wrong-schema")
    return told


def _money(told: Any) -> Decimal:
    return Decimal(_text(told, _MONEY))


def _day(told: Any) -> date:
    try:
        return date.fromisoformat(_text(told, _DAY))
    except ValueError:
        raise NoFigures("wrong-schema") from None
