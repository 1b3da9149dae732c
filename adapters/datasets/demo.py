"""An invented portfolio to try things on: lenders, people, loans and the clients that ask."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from adapters.datasets.demo_terms import terms_of
from domain.client import Client
from domain.fee import Fee
from domain.interest import DayCount
from domain.loan import Loan, LoanStatus, Program
from domain.location import Access, Address, Location, LocationType, PartnerType, Role
from domain.user import User, UserStatus, UserType


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPortfolio:
    """Records that fit together; every name in them is invented and most say so."""

    locations: tuple[Location, ...]
    users: tuple[User, ...]
    accesses: tuple[Access, ...]
    loans: tuple[Loan, ...]
    clients: tuple[Client, ...]


def demo_portfolio(today: date) -> DemoPortfolio:
    """Give the portfolio as of a day; the same day always gives the same records."""
    return DemoPortfolio(
        locations=tuple(_location(*office) for office in OFFICES),
        users=tuple(_user(number, *person, today) for number, person in enumerate(PEOPLE)),
        accesses=tuple(
            Access(user_id=user_id, location_id=location_id, roles=roles, is_primary=is_primary)
            for user_id, location_id, is_primary, roles in PLACES
        ),
        loans=tuple(
            _loan(number, office[0], today)
            for number, office in enumerate(o for o in OFFICES for _ in range(LOANS_AN_OFFICE))
        ),
        clients=tuple(Client(client_id=name, scopes=scopes) for name, scopes in CLIENTS.items()),
    )


REQUESTER, SERVICER = Role.PAYOFF_REQUESTER.value, Role.PAYOFF_SERVICER.value
VIEWER = Role.VIEWER.value

READ_SCOPES = (
    "resource:read", "payoff:read", "location:read", "user:read", "reference:read", "audit:read",
    "ops:read",
)
CLIENTS = {
    "prepay": (*READ_SCOPES, "resource:write", "payoff:write"),
    "lx": READ_SCOPES,
    "origination": ("reference:read", "location:read", "user:read"),
}

BANK = (9001, "Invented Bank of Cedar Falls (demo)", PartnerType.BANK)
UNION = (9002, "Invented Harbor Credit Union (demo)", PartnerType.CREDIT_UNION)
CDC = (9003, "Invented Prairie Development Company (demo)", PartnerType.CDC)

Office = tuple[int, tuple[int, str, PartnerType], str, str, str, str]
OFFICES: tuple[Office, ...] = (
    (900101, BANK, "", "Cedar Falls", "IA", "50613"),
    (900102, BANK, "Waterloo", "Waterloo", "IA", "50701"),
    (900103, BANK, "Dubuque", "Dubuque", "IA", "52001"),
    (900201, UNION, "", "Duluth", "MN", "55802"),
    (900202, UNION, "Superior", "Superior", "WI", "54880"),
    (90301, CDC, "", "Lincoln", "NE", "68508"),
    (90302, CDC, "Omaha", "Omaha", "NE", "68102"),
)

Person = tuple[str, str, UserType, UserStatus]
PEOPLE: tuple[Person, ...] = (
    ("Ada", "Moreno", UserType.PARTNER, UserStatus.ACTIVE),
    ("Ben", "Okafor", UserType.PARTNER, UserStatus.ACTIVE),
    ("Clara", "Lindqvist", UserType.PARTNER, UserStatus.ACTIVE),
    ("Dmitri", "Vance", UserType.PARTNER, UserStatus.ACTIVE),
    ("Esther", "Nakamura", UserType.PARTNER, UserStatus.ACTIVE),
    ("Femi", "Castellano", UserType.PARTNER, UserStatus.SUSPENDED),
    ("Grace", "Holm", UserType.PARTNER, UserStatus.DISABLED),
    ("Hugo", "Pereira", UserType.PARTNER, UserStatus.PENDING),
    ("Iris", "Abara", UserType.BORROWER, UserStatus.ACTIVE),
    ("Jonas", "Whitfield", UserType.SBA, UserStatus.ACTIVE),
)

Place = tuple[str, int, bool, tuple[str, ...]]
PLACES: tuple[Place, ...] = (
    ("U1001", 900101, True, (REQUESTER, SERVICER)),
    ("U1001", 900102, False, (REQUESTER,)),
    ("U1001", 900103, False, (VIEWER,)),
    ("U1002", 900101, True, (REQUESTER,)),
    ("U1002", 900102, False, (VIEWER,)),
    ("U1003", 900201, True, (REQUESTER, SERVICER)),
    ("U1003", 900202, False, (REQUESTER,)),
    ("U1004", 90301, True, (REQUESTER, SERVICER)),
    ("U1004", 90302, False, (SERVICER,)),
    ("U1005", 900103, True, (SERVICER,)),
    ("U1006", 900102, True, (REQUESTER,)),
    ("U1007", 900201, True, (VIEWER,)),
    ("U1008", 90302, True, (REQUESTER,)),
    ("U1009", 900202, True, (VIEWER,)),
)
"""Who may do what where; U1010 has no place at all."""

NOTICE_DAYS = {90301: 10, 90302: 30}
"""The notice that the development company's offices ask for before a 504 payoff."""

LOANS_AN_OFFICE = 9
TRADES = ("Bakery", "Machine Shop", "Clinic", "Nursery", "Brewery", "Print Shop", "Motel")
RATES = ("0.1075", "0.0825", "0.115", "0.0975", "0.06375", "0.1025", "0.0899", "0.125")
USUAL_COUNTS = (DayCount.ACT_365F, DayCount.ACT_360, DayCount.THIRTY_360)
ENDED = (LoanStatus.PAID_IN_FULL, LoanStatus.CHARGED_OFF, LoanStatus.CANCELLED)
FEES: tuple[tuple[Fee, ...], ...] = (
    (Fee(code="LATE", description="Late charge", amount=Decimal("125.00")),),
    (),
    (),
    (
        Fee(code="LATE", description="Late charge", amount=Decimal("48.37")),
        Fee(code="NSF", description="Returned payment", amount=Decimal("35.00")),
    ),
    (),
    (Fee(code="RELEASE", description="Release of lien", amount=Decimal("210.50")),),
    (),
)


def _location(
    location_id: int,
    partner: tuple[int, str, PartnerType],
    branch: str,
    city: str,
    state: str,
    postcode: str,
) -> Location:
    partner_id, partner_name, partner_type = partner
    return Location(
        location_id=location_id,
        name=f"{partner_name}, {branch} branch" if branch else partner_name,
        partner_id=partner_id,
        partner_name=partner_name,
        partner_type=partner_type,
        type=LocationType.BRANCH if branch else LocationType.HQ,
        address=Address(
            street1=f"{location_id % 1000} Invented Street", city=city, state=state, zip=postcode
        ),
        phone=f"202-555-01{location_id % 100:02}",
        start_date=date(2018, 1, 2),
        notice_days=NOTICE_DAYS.get(location_id),
    )


def _user(
    number: int,
    first_name: str,
    last_name: str,
    user_type: UserType,
    status: UserStatus,
    today: date,
) -> User:
    login = f"{first_name}.{last_name}".lower()
    noon = datetime.combine(today, time(12), timezone.utc)
    known = status is not UserStatus.PENDING
    return User(
        user_id=f"U{1001 + number}",
        login=login,
        first_name=first_name,
        last_name=last_name,
        email=f"{login}@example.com",
        phone=f"202-555-01{10 + number}",
        user_type=user_type,
        status=status,
        last_login_at=noon - timedelta(days=1 + number, minutes=7 * number) if known else None,
        recertified_at=noon - timedelta(days=30 + 11 * number) if known else None,
    )


def _loan(number: int, location_id: int, today: date) -> Loan:
    """Make the loan of a number; each office gets one that has ended, and several of each kind."""
    turn = number % LOANS_AN_OFFICE
    ended = turn == LOANS_AN_OFFICE - 1
    status = ENDED[number // LOANS_AN_OFFICE % len(ENDED)] if ended else LoanStatus.ACTIVE
    owing = status in (LoanStatus.ACTIVE, LoanStatus.CHARGED_OFF)
    program = Program.FIVE_O_FOUR if turn in (3, 5) else Program.SEVEN_A
    principal = _principal(number) if owing else Decimal("0.00")
    return Loan(
        loan_number=f"9{location_id:06}{turn + 1:03}",
        location_id=location_id,
        program=program,
        borrower_name=f"Invented {TRADES[number % len(TRADES)]} {number + 1} (demo)",
        status=status,
        principal=principal,
        annual_rate=Decimal(RATES[number % len(RATES)]),
        day_count=DayCount.ACT_ACT if number % 16 == 15 else USUAL_COUNTS[number % 3],
        interest_paid_through=today - timedelta(days=(18 + 7 * number) % 45),
        fees=FEES[number % len(FEES)] if status is LoanStatus.ACTIVE else (),
        terms=terms_of(number, turn, program, principal, today),
    )


def _principal(number: int) -> Decimal:
    """Scatter balances from about $ 12,000 to $ 2.4 million; the first is that of the docs."""
    cents = 1_200_000 + (40_035_075 + 79_190_317 * number) % 240_000_000
    return Decimal(cents).scaleb(-2)
