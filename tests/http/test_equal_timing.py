"""How long a refusal takes tells nobody whether there is such a client or key."""

import secrets
import statistics
import time
from collections.abc import Callable

import pytest

from application import clients
from entrypoints.container.keys import make_key, mint
from entrypoints.stocking import operator
from tests.http.serving import API, Api
from tests.support.in_time import in_time

ROUNDS = 100
ALIKE = 1.5
"""How many times as long as another the median refusal may take, of the processor: on a busy
machine, what waits for a thread waits for others, too."""


def forged(api: Api, key_id: str, client: str) -> str:
    """Mint a token by a key that nobody registered, under any name."""
    now = int(api.clock.seconds())
    return mint(
        make_key("dev", "nobody"), key_id, client, "loapi-development", None, None, 300, now,
        secrets.token_urlsafe(16),
    )


def test_a_refusal_takes_as_long_for_a_key_that_is_there_as_for_one_that_is_not(
    serve: Callable[..., Api], capsys: pytest.CaptureFixture[str]
) -> None:
    api = serve("sqlite")
    there, revoked = api.keys["prepay"].key_id, api.keys["batch"].key_id
    api.run(api.runner.write(operator("client.revoke"), clients.revoke, revoked))
    taken: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        # The client is at work, so that its key is remembered.
        assert api.as_(user=None).get("/country/US").status_code == 200
        for name, key_id, client in (
            ("unknown kid", f"prepay-{number:06}", "prepay"),
            ("unknown client", f"nobody-{number:06}", "nobody"),
            ("bad signature", there, "prepay"),
            ("revoked key", revoked, "batch"),
        ):
            headers = {"authorization": f"Bearer {forged(api, key_id, client)}"}
            began = time.process_time()
            status = api.send("GET", f"{API}/country/US", headers=headers).status_code
            taken.setdefault(name, []).append(time.process_time() - began)
            assert status == 401
    medians = {name: statistics.median(times) * 1e3 for name, times in taken.items()}
    with capsys.disabled():
        print(f"\nRefusals, median ms of {ROUNDS}:", {n: round(t, 2) for n, t in medians.items()})
    in_time(max(medians.values()) / 1e3, ALIKE * min(medians.values()) / 1e3)
