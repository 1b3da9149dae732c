"""Which user a proven client acts for, and how strongly that is proven."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from application.caller import Proof
from application.errors import ServiceError
from application.tokens import ProvenToken, Unauthenticated
from domain.client import Mode


class NotProven(Unauthenticated):
    """The token does not prove the user behind it, and its sender is at fault.

    `reason` is a stable word for the log: no-session, session-not-active, no-oidc-token,
    unknown-subject, other-user; or oidc- before malformed, unknown-key, wrong-algorithm,
    bad-signature, wrong-issuer, wrong-audience, expired, not-yet-valid or lives-too-long.
    """


class ProofUnavailable(ServiceError):
    """What proves users is out of reach, or not configured; `reason` is a word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "Users of this client cannot be verified at the moment; nothing was changed; retry "
            "after the time in Retry-After."
        )
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Proven:
    """The user that a client acts for; none where it names none and is believed."""

    user_id: str | None = None
    proof: Proof | None = None


Status = Mapping[str, Any]
"""How something is that proves users: `status` is "warn", with a `reason`, where it cannot."""


class IdentityVerifier(Protocol):
    """Proves the user behind a token."""

    async def status(self) -> Status:
        """Tell how it is; never raises."""

    async def prove(self, token: ProvenToken) -> Proven:
        """Give the user by our id; raises NotProven or ProofUnavailable."""

    async def close(self) -> None:
        """Let go of everything that proving holds open."""


class SessionChecker(Protocol):
    """Knows the sessions that users have at ULP."""

    async def status(self) -> Status:
        """Tell how it is; never raises."""

    async def user_of(self, session_id: str) -> str | None:
        """Give the user of an active session, known for at most 30 s; None for any other.

        Raises ProofUnavailable where nobody can tell.
        """

    async def close(self) -> None:
        """Let go of everything that checking holds open."""


class OidcTokenVerifier(Protocol):
    """Verifies tokens of an OpenID provider."""

    async def status(self) -> Status:
        """Tell how it is; never raises."""

    async def subject_of(self, oidc_token: str) -> str:
        """Give the subject of a token for us; raises NotProven or ProofUnavailable."""

    async def close(self) -> None:
        """Let go of everything that verifying holds open."""


UserOfSubject = Callable[[str], Awaitable[str | None]]
"""Finds our user by the subject at the OpenID provider."""


class Identities:
    """Proves each client's users in the way that the client is registered for.

    A way that is not configured proves nobody, and is no fault of the caller's.
    """

    def __init__(self, ways: Mapping[Mode, IdentityVerifier]) -> None:
        self._ways: Mapping[Mode, IdentityVerifier] = {Mode.TRUST: Asserted(), **ways}

    async def prove(self, token: ProvenToken) -> Proven:
        """Give the user by our id; raises NotProven or ProofUnavailable."""
        way = self._ways.get(token.client.mode)
        if way is None:
            raise ProofUnavailable("mode-not-configured")
        return await way.prove(token)

    async def status(self) -> Status:
        """Tell how each way is, by its mode."""
        return {mode.value: await way.status() for mode, way in self._ways.items()}

    async def status_of(self, mode: Mode) -> Status:
        """Tell how the way of one mode is."""
        return await self._ways[mode].status()

    async def close(self) -> None:
        """Let go of everything that proving holds open."""
        for way in self._ways.values():
            await way.close()


class Asserted:
    """Believes the client."""

    async def prove(self, token: ProvenToken) -> Proven:
        """Give the user that the client names, if any."""
        return NOBODY if token.user_id is None else Proven(token.user_id, Proof.ASSERTED)

    async def status(self) -> Status:
        """Need nobody."""
        return {}

    async def close(self) -> None:
        """Hold nothing."""


class BySession:
    """Believes ULP: the session in the token says who the user is."""

    def __init__(self, sessions: SessionChecker) -> None:
        self._sessions = sessions

    async def prove(self, token: ProvenToken) -> Proven:
        """Give the user of the session; raises NotProven where the client names another."""
        if token.session_id is None:
            raise NotProven("no-session")
        user_id = await self._sessions.user_of(token.session_id)
        if user_id is None:
            raise NotProven("session-not-active")
        return _agreed(token, user_id, Proof.SESSION)

    async def status(self) -> Status:
        """Tell how the checker is."""
        return await self._sessions.status()

    async def close(self) -> None:
        """Let go of what the checker holds open."""
        await self._sessions.close()


class ByOidcToken:
    """Believes the OpenID provider: its token in ours says who the user is."""

    def __init__(self, verifier: OidcTokenVerifier, user_of_subject: UserOfSubject) -> None:
        self._verifier = verifier
        self._user_of_subject = user_of_subject

    async def prove(self, token: ProvenToken) -> Proven:
        """Give the user of the subject; raises NotProven where the client names another."""
        if token.oidc_token is None:
            raise NotProven("no-oidc-token")
        subject = await self._verifier.subject_of(token.oidc_token)
        user_id = await self._user_of_subject(subject)
        if user_id is None:
            raise NotProven("unknown-subject")
        return _agreed(token, user_id, Proof.OIDC)

    async def status(self) -> Status:
        """Tell how the verifier is."""
        return await self._verifier.status()

    async def close(self) -> None:
        """Let go of what the verifier holds open."""
        await self._verifier.close()


NOBODY = Proven()


def _agreed(token: ProvenToken, user_id: str, proof: Proof) -> Proven:
    if token.user_id not in (None, user_id):
        raise NotProven("other-user")
    return Proven(user_id, proof)
