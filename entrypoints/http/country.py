"""/api/v1/country: countries of ISO 3166-1."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends

from application import reference
from domain.country import Country
from entrypoints.http.dependencies import Run
from entrypoints.http.examples import example
from entrypoints.http.lists import Answered, Asked, ListQuery
from entrypoints.http.needs import RateClass, needs
from entrypoints.http.route import Route

router = APIRouter(prefix="/api/v1/country", tags=["country"], route_class=Route)

Listed = Annotated[Asked[Country], Depends(ListQuery(reference.COUNTRIES))]


@router.get("")
@needs("country.list", "reference:read", RateClass.LIST, dataset="country")
async def list_countries(asked: Listed, run: Run) -> Answered[Country]:
    """List countries of ISO 3166-1."""
    return asked.answer(await run.list(reference.search, asked, Country, asked.query))


@router.get("/{code}")
@needs("country.show", "reference:read", RateClass.READ, dataset="country")
async def show_country(code: str, run: Run) -> Country:
    """Show one of them by its code: two letters, three letters or three digits."""
    return await run.read(reference.show_country, code)


@example
def the_united_states(_today: date) -> Country:
    """Give the example."""
    name = "United States of America"
    return Country(
        alpha2="US", alpha3="USA", numeric="840", name=name, display_name=name, version=1
    )
