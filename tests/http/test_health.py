"""/health tells whether the service lives and can serve, and needs no token."""

import pytest

from tests.http.serving import Api


@pytest.mark.parametrize("path", ["", "/live", "/ready", "/startup"])
def test_health_needs_no_token(api: Api, path: str) -> None:
    answer = api.send("GET", f"/health{path}")
    assert (answer.status_code, answer.json()) == (200, {"status": "pass"})
