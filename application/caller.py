"""Who calls, for which person, and what they may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import Forbidden


class Proof(StrEnum):
    """How strongly the user behind the call was proven."""

    ASSERTED = "asserted"
    SESSION = "session"
    OIDC = "oidc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A proven client, and the user and location that it acts for."""

    client_id: str
    scopes: frozenset[str]
    user_id: str | None = None
    proof: Proof | None = None
    location_id: int | None = None
    roles: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """The user's locations, with the roles held at each."""

    @property
    def locations(self) -> tuple[int, ...]:
        """The locations that the user may see, in order."""
        return tuple(sorted(self.roles))

    @property
    def user(self) -> str:
        """The user's id; raises Forbidden where the token names none."""
        if self.user_id is None:
            raise Forbidden("This needs a user: name one in request_context.user_id.")
        return self.user_id

    def sees(self, location_id: int) -> bool:
        """Tell whether the user may see what belongs to a location."""
        return location_id in self.roles

    def check_holds(self, location_id: int, roles: Iterable[str]) -> None:
        """Raise Forbidden where the user holds none of the roles at a location."""
        if not set(roles) & set(self.roles.get(location_id, ())):
            choices = " or ".join(sorted(roles))
            raise Forbidden(f"This needs the role {choices} at location {location_id}.")
