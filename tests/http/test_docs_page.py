"""The page that shows the OpenAPI document comes whole from us, and runs nothing else."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from entrypoints.http import docs_page
from entrypoints.settings import Env
from tests.http.serving import SEALING_KEY, Api
from tests.support.live import live
from tests.support.stocked import copied

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-headless-shell", "google-chrome"))), None
)

needs_assets = pytest.mark.skipif(
    docs_page.assets() is None, reason="the package fastapi-standalone-docs is not installed"
)


class Page(HTMLParser):
    """Collects what a page refers to, and scripts and styles that stand in the page itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.inline: list[str] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        for name, value in attrs:
            if name in ("src", "href", "action", "data"):
                self.references.append(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")

    def handle_data(self, data: str) -> None:
        if self._open in ("script", "style") and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


@needs_assets
@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_page_refers_to_our_own_files_only_and_all_are_there(
    memory_reading_api: Api, path: str
) -> None:
    answer = memory_reading_api.send("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (
        200, "text/html; charset=utf-8"
    )
    page = Page(answer.text)
    assert not page.inline
    fetched = [one for one in page.references if not one.startswith("data:")]
    assert {Path(one).suffix for one in fetched} == {".css", ".js", ".json"}
    kinds = {".css": "text/css", ".js": "text/javascript", ".json": "application/json"}
    for reference in fetched:
        assert urlsplit(reference)[:2] == ("", "") and reference.startswith("/")
        asset = memory_reading_api.send("GET", reference)
        assert asset.status_code == 200 and len(asset.content) > 50
        assert asset.headers["content-type"].startswith(kinds[Path(reference).suffix])


@needs_assets
def test_the_page_and_its_files_forbid_whatever_is_not_ours(memory_reading_api: Api) -> None:
    for path in ("/docs", "/docs/start.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"):
        headers = memory_reading_api.send("GET", path).headers
        rules = dict(
            rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";")
        )
        assert rules.pop("default-src") == "'self'"
        assert rules.pop("img-src") == "'self' data:"
        assert set(rules.values()) == {"'none'"} and "frame-ancestors" in rules
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@needs_assets
def test_the_start_asks_no_one_else_for_a_judgement(memory_reading_api: Api) -> None:
    start = memory_reading_api.send("GET", "/docs/start.js").text
    assert "validatorUrl: null" in start and "//" not in start
    assert re.findall(r'url: "([^"]+)"', start) == ["/openapi.json"]


@needs_assets
def test_files_beside_those_of_the_page_are_not_served(memory_reading_api: Api) -> None:
    for path in ("/docs/LICENSE", "/docs/../openapi.py", "/docs/%2e%2e/__init__.py", "/docs/x.js"):
        assert memory_reading_api.send("GET", path).status_code == 404


def test_production_has_neither_page_nor_document(serve: Callable[..., Api]) -> None:
    secret = SecretStr(SEALING_KEY)
    api = serve(env=Env.PRODUCTION, database_url="sqlite:///unused.db", signing_key=secret)
    for path in ("/docs", "/docs/", "/docs/start.js", "/docs/swagger-ui.css", "/openapi.json"):
        answer = api.send("GET", path)
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:loapi:problem:not-found"


def test_without_the_package_the_page_says_what_it_needs(
    serve: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docs_page, "PACKAGE", "a_package_that_nobody_has")
    answer = serve().send("GET", "/docs")
    assert answer.status_code == 404
    assert "a-package-that-nobody-has" in answer.json()["detail"]


@pytest.fixture(name="visit", scope="module")
def visited(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Open the page of a live service in a browser; give its port, its end state, and its log."""
    if BROWSER is None:
        pytest.skip("no browser: install Debian's package chromium-headless-shell, or chromium")
    if docs_page.assets() is None:
        pytest.skip("the package fastapi-standalone-docs is not installed")
    home = copied(template, tmp_path_factory.mktemp("visit"))
    # The service has to find the assets where this process does.
    with live(home, PYTHONPATH=":".join(sys.path)) as server:
        done = subprocess.run(
            [
                BROWSER, "--headless", "--disable-gpu", "--no-sandbox",
                "--disable-background-networking", "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                f"--user-data-dir={home / 'profile'}", f"--log-net-log={home / 'net.json'}",
                "--enable-logging=stderr", "--virtual-time-budget=30000", "--dump-dom",
                f"{server.base}/docs#/payoff/payoff.request",
            ],
            capture_output=True, text=True, timeout=180, check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    log = json.loads((home / "net.json").read_text())
    yield server.base, done.stdout, {**log, "console": done.stderr}


def test_a_browser_shows_every_operation(
    visit: tuple[str, str, dict[str, Any]], memory_reading_api: Api
) -> None:
    _, dom, _ = visit
    document = memory_reading_api.send("GET", "/openapi.json").json()
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    shown = set(
        zip(
            re.findall(r'class="opblock-summary-method">([A-Z]+)<', dom),
            re.findall(r'class="opblock-summary-path" data-path="([^"]+)"', dom),
        )
    )
    assert shown == described and len(shown) > 25
    # The one that the address names is open, with its example.
    assert "9900101001" in dom and "Idempotency-Key" in dom


def test_a_browser_asks_nobody_but_us(visit: tuple[str, str, dict[str, Any]]) -> None:
    base, _, log = visit
    assert {urlsplit(url)[:2] for url in requested(log)} == {urlsplit(base)[:2]}
    assert {urlsplit(url).path for url in requested(log)} >= {
        "/docs", "/docs/start.js", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js",
        "/openapi.json",
    }


def test_a_browser_has_nothing_to_complain_of(visit: tuple[str, str, dict[str, Any]]) -> None:
    _, _, log = visit
    assert not [line for line in log["console"].splitlines() if "CONSOLE" in line]


def requested(log: dict[str, Any]) -> set[str]:
    """Give every address that the browser asked for, whether or not it got there."""
    kind = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    return {event["params"]["url"] for event in log["events"] if event["type"] == kind
            and "url" in event.get("params", {})}


def test_a_request_to_another_host_would_be_seen() -> None:
    event = {"type": 7, "params": {"url": "https://elsewhere.example/x.js"}}
    log = {"constants": {"logEventTypes": {"URL_REQUEST_START_JOB": 7}}, "events": [event]}
    assert requested(log) == {"https://elsewhere.example/x.js"}
