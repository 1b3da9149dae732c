"""Loans, payoffs and the Fed's calendar, as the tests of payoffs take them."""

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

from adapters.datasets.holiday import holidays_of
from domain.calendars import Calendar
from domain.fee import Fee
from domain.holiday import CalendarName
from domain.interest import DayCount
from domain.loan import Loan, LoanStatus, Program
from domain.payoff import Payoff, PayoffReason, Requester
from domain.payoff_day import DayRules, appointed
from domain.quote import estimated
from domain.terms import DebentureTerms, SemiannualDate, SevenATerms

FED = Calendar(
    frozenset(
        holiday.date
        for years in (range(2000, 2001), range(2025, 2037))
        for holiday in holidays_of(CalendarName.FED_BANK, years)
    )
)
TODAY = date(2026, 6, 20)
NOW = datetime(2026, 6, 20, 14, tzinfo=timezone.utc)
"""10 o'clock in New York."""

PLAIN = SevenATerms(term_months=120, first_disbursed_on=date(2021, 2, 1))
"""Terms of which no rule of 7(a) asks anything."""


def a_fee(amount: str, code: str = "LATE") -> Fee:
    """Make a fee."""
    return Fee(code=code, description="Late charge", amount=Decimal(amount))


def a_loan(**facts: Any) -> Loan:
    """Make a loan on the terms of C9, unless told otherwise."""
    usual: dict[str, Any] = {
        "loan_number": "9900101001",
        "location_id": 900101,
        "program": Program.SEVEN_A,
        "borrower_name": "Invented Bakery (demo)",
        "status": LoanStatus.ACTIVE,
        "principal": Decimal("412350.75"),
        "annual_rate": Decimal("0.1075"),
        "day_count": DayCount.ACT_365F,
        "interest_paid_through": date(2026, 6, 15),
        "terms": PLAIN,
    }
    return Loan(**usual | facts)


def a_debenture(**facts: Any) -> DebentureTerms:
    """Make the terms of a 20-year debenture in its third year."""
    usual: dict[str, Any] = {
        "debenture_rate": Decimal("0.0285"),
        "term_years": 20,
        "dated_on": date(2024, 1, 1),
        "semiannual": (
            SemiannualDate(
                on=date(2026, 7, 1), balance=Decimal("901234.56"),
                charges=(a_fee("6543.21", "instalments"), a_fee("45.67", "csa-fee")),
            ),
            SemiannualDate(on=date(2027, 1, 1), balance=Decimal("880000.00")),
        ),
    }
    return DebentureTerms(**usual | facts)


def a_504_loan(**facts: Any) -> Loan:
    """Make a 504 loan."""
    usual = {"program": Program.FIVE_O_FOUR, "terms": a_debenture(), "fees": (a_fee("125.00"),)}
    return a_loan(**usual | facts)


def a_payoff(payoff_date: date, **facts: Any) -> Payoff:
    """Make a payoff as it is asked for."""
    usual: dict[str, Any] = {
        "loan_number": "9900101001",
        "reason": PayoffReason.REFINANCE,
        "voluntary": True,
        "requester": Requester(name="Ada Moreno"),
    }
    return Payoff(payoff_date=payoff_date, **usual | facts)


def quoted(
    loan: Loan, payoff_date: date, now: datetime = NOW, rules: DayRules = DayRules(), **facts: Any
) -> Payoff:
    """Ask for a payoff and give it with its day and our estimate."""
    asked = appointed(a_payoff(payoff_date, **facts), loan, FED, now, rules)
    return estimated(asked, loan, now.date())
