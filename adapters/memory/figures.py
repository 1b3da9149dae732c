"""Final figures that somebody has put down, in a dictionary."""

from datetime import date

from application.figures import NoFigures
from domain.final import FinalQuote


class MemoryFinalFigures:
    """FinalFigures for as long as the process lives; what nobody has put down is not ready."""

    def __init__(self) -> None:
        self._quotes: dict[tuple[str, date], FinalQuote] = {}

    def put(self, quote: FinalQuote) -> None:
        """Have figures ready for their loan and day."""
        self._quotes[quote.loan_number, quote.good_through_date] = quote

    async def ask(self, loan_number: str, good_through: date) -> FinalQuote:
        """Give the figures for a loan on a day; raises NoFigures."""
        try:
            return self._quotes[loan_number, good_through]
        except KeyError:
            raise NoFigures("not-ready") from None

    async def close(self) -> None:
        """Hold nothing."""
