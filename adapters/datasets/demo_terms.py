"""Invented contract terms for the demo loans, so that every rule of a payoff is met by some."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from domain.debenture import next_payment_number, payment_date, prepayment_premium
from domain.fee import Fee
from domain.interest import share
from domain.loan import Program
from domain.rates import RateChange
from domain.terms import (
    DebentureTerms,
    PendingTransaction,
    Premium,
    Prepayment,
    SemiannualDate,
    SevenATerms,
    Terms,
)

FIRST_OFFICE = 9
"""Loans with a lower number are plain enough to be reckoned with by hand."""

POINTS = 4
"""The debenture's payment dates to come that are known: they cover more than a year."""

Shape = tuple[int, int, bool]
SHAPES: tuple[Shape, ...] = (
    (120, 61, False),
    (300, 14, True),
    (120, 40, True),
    (120, 30, False),
    (84, 25, False),
    (120, 20, False),
    (300, 26, False),
    (240, 50, True),
    (120, 118, False),
)
"""Term in months, months since the first disbursement, and whether sold, by a loan's turn."""

TERM_YEARS: tuple[Literal[20, 25, 10], ...] = (20, 25, 10)
YEARLY_FEES = (
    ("csa-fee", "Servicing agent's fee", "0.001"),
    ("sba-guarantee-fee", "SBA guarantee fee", "0.00331"),
    ("cdc-servicing-fee", "CDC servicing fee", "0.00625"),
)
NOTE_RATE = Decimal("0.0625")


def terms_of(number: int, turn: int, program: Program, principal: Decimal, today: date) -> Terms:
    """Give the terms of the loan of a number, as of a day."""
    if program is Program.FIVE_O_FOUR:
        return _debenture(number, principal, today)
    return _seven_a(number, turn, principal, today)


def _seven_a(number: int, turn: int, principal: Decimal, today: date) -> SevenATerms:
    term_months, age, sold = SHAPES[turn]
    varied = turn == 2 and number >= FIRST_OFFICE
    prepaid_before = turn == 6 and number >= FIRST_OFFICE
    return SevenATerms(
        term_months=term_months,
        first_disbursed_on=today - timedelta(days=age * 30),
        sold=sold,
        prepayments=(_prepayment(principal, today),) if prepaid_before else (),
        rate_changes=(
            RateChange(
                effective_on=_first_of_month(today, 1), annual_rate=Decimal("0.105")
            ),
        ) if varied else (),
        pending=(
            PendingTransaction(on=today + timedelta(days=5), description="Instalment by ACH"),
        ) if varied else (),
    )


def _prepayment(principal: Decimal, today: date) -> Prepayment:
    amount = share(principal, Decimal("0.2"))
    on = today - timedelta(days=60)
    return Prepayment(on=on, amount=amount, balance_before=principal + amount)


@dataclass(frozen=True, slots=True)
class _Debenture:
    """An invented debenture whose balance falls in a straight line from that of today."""

    principal: Decimal
    dated_on: date
    term_years: int
    first: int
    """The number of the next payment date."""

    def balance(self, number: int) -> Decimal:
        """Give what is owing as of a payment date."""
        last = 2 * self.term_years
        return share(self.principal, Decimal(last - number) / (last - self.first + 1))

    def point(self, number: int, today: date) -> SemiannualDate:
        """Give what the borrower owes as of a payment date."""
        on = payment_date(self.dated_on, number)
        start = payment_date(self.dated_on, number - 1)
        opening = self.principal if number == self.first else self.balance(number - 1)
        months = 6 if number > self.first else max(1, _months(max(today, start), on))
        part = Decimal(months) / 12
        interest = share(opening, NOTE_RATE, part)
        repaid = share(opening - self.balance(number), part * 2)
        return SemiannualDate(
            on=on,
            balance=self.balance(number),
            charges=(
                Fee(
                    code="instalments",
                    description=f"{months} monthly instalments, up to {on}",
                    amount=interest + repaid,
                ),
                *(
                    Fee(code=code, description=text, amount=share(opening, Decimal(rate), part))
                    for code, text, rate in YEARLY_FEES
                ),
            ),
        )


def _debenture(number: int, principal: Decimal, today: date) -> DebentureTerms:
    dated_on = _first_of_month(today, -(20 + number % 40))
    term_years, rate = TERM_YEARS[number % 3], Decimal("0.0285") + Decimal(number) / 1000
    first = next_payment_number(dated_on, today)
    debenture = _Debenture(principal, dated_on, term_years, first)
    numbers = range(first, first + POINTS)
    premiums = {one: prepayment_premium(debenture.balance(one), rate, term_years, one)
                for one in numbers}
    return DebentureTerms(
        debenture_rate=rate,
        term_years=term_years,
        dated_on=dated_on,
        semiannual=tuple(debenture.point(one, today) for one in numbers),
        premiums=tuple(
            Premium(on=payment_date(dated_on, one), amount=amount)
            for one, amount in premiums.items()
        ) if number % 4 == 3 else (),
    )


def _first_of_month(day: date, months: int) -> date:
    """Give the first day of the month that is so many months from a day's."""
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month
