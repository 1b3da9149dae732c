"""What the OpenAPI document says before the first path: how to call, and what there is."""

from collections.abc import Iterable
from types import ModuleType
from typing import Any

DESCRIPTION = """\
Send `Authorization: Bearer <token>` with a JSON Web Token that your client signs. Mint one for
every write; reads may share one until it expires, after 300 s at most.

What a user sees and may do follows from the user's locations. A token that names one of them in
`request_context.location_id` sees, and acts for, that one alone.

Refusals are problem documents (RFC 9457): decide by the last word of `type`. Where an answer has
`Retry-After`, wait for so many seconds and ask again, with a new token. Give every write an
`Idempotency-Key`: sent again with the same key it is done once and answered alike for 24 hours.

Lists take the filters that are described with them, most of them also in or-groups; `next` of an
answer is the `cursor` of the page behind it.
"""

SERVERS = [{"url": "/", "description": "The deployment that gives this document."}]


def tags_of(modules: Iterable[ModuleType]) -> list[dict[str, Any]]:
    """Describe each tag by the headline of the first module whose routes carry it."""
    told: dict[str, str] = {}
    for module in modules:
        for tag in module.router.tags:
            told.setdefault(tag, _headline(module))
    return [{"name": tag, "description": text} for tag, text in told.items()]


def _headline(module: ModuleType) -> str:
    first = (module.__doc__ or "").partition("\n")[0]
    text = first.partition(": ")[2] or first
    return text[:1].upper() + text[1:]
