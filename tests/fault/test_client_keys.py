"""Keys on a live service of two workers: what an operator does takes effect on each in time."""

import asyncio
import base64
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwk, jws

from entrypoints.home import StoredKey
from tests.support.in_time import PATIENCE, in_time
from tests.support.live import Live, live, loapi
from tests.support.stocked import copied

EFFECTIVE_SECONDS = 10.0
"""Within how long a revocation must be known everywhere."""

SCOPES = ("--scope", "resource:read", "--scope", "resource:write", "--scope", "reference:read")
PRIVATE = serialization.PrivateFormat.PKCS8
PEM = serialization.Encoding.PEM


@pytest.fixture(name="server", scope="module")
def two_workers(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Serve with two workers."""
    with live(copied(template, tmp_path_factory.mktemp("keys")), "--workers", "2") as server:
        yield server


def told(server: Live, *arguments: str, **more: str) -> dict[str, Any]:
    """Give what a client command printed."""
    done = loapi(server.home, "client", *arguments, "--json", **more)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def added(server: Live, **variables: str) -> StoredKey:
    """Register a client under a fresh name."""
    return StoredKey(**told(server, "add", f"shop-{secrets.token_hex(3)}", *SCOPES, **variables))


def listed(server: Live, key_id: str) -> dict[str, Any]:
    """Give what the list of clients says of a key."""
    done = loapi(server.home, "client", "list", "--json")
    keys = [key for client in json.loads(done.stdout) for key in client["keys"]]
    found: dict[str, Any] = next(key for key in keys if key["key_id"] == key_id)
    return found


def account(server: Live, action: str) -> list[dict[str, Any]]:
    """Give the audit records of an action."""
    answer = server.ask("GET", "/audit", params={"action": action}, token=server.token("lx"))
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def hammered(
    server: Live, token: Callable[[], str], expected: int, seconds: float = EFFECTIVE_SECONDS + 2
) -> float:
    """Ask on fresh connections until only the expected status comes, on every worker.

    Gives the seconds until the last answer of another status.
    """
    began, last = time.monotonic(), 0.0
    lock, stop = threading.Lock(), threading.Event()

    def ask() -> None:
        nonlocal last
        while not stop.is_set():
            status = server.ask("GET", "/country/US", token=token()).status_code
            assert status in (200, 401)
            with lock:
                last = time.monotonic() - began if status != expected else last
            time.sleep(0.01)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    while time.monotonic() - began < seconds:
        time.sleep(0.1)
        if time.monotonic() - began - last > 5.5:
            # No worker believes an answer longer than 5 s.
            break
    stop.set()
    for thread in threads:
        thread.join()
    return last


def test_a_revocation_takes_effect_on_every_worker_in_time(
    server: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    key = added(server)

    def token() -> str:
        return server.token(key=key, user=None)

    lasting = token()
    assert hammered(server, token, 200, 1) == 0.0
    told(server, "key", "revoke", key.key_id)
    waited = hammered(server, lambda: lasting, 401)
    with capsys.disabled():
        print(f"\nrevoked: the last good answer {waited:.1f} s after")
    assert {server.ask("GET", "/country/US", token=token()).status_code for _ in range(8)} == {401}
    (record,) = [one for one in account(server, "client.revoke")
                 if one["entities"] == [f"client-key/{key.key_id}"]]
    assert (record["outcome"], record["client_id"]) == ("committed", "loapi-cli")
    assert record["changes"][0]["fields"]["state"] == {"before": "active", "after": "revoked"}
    in_time(waited, EFFECTIVE_SECONDS)


def test_a_token_writes_once_whichever_workers_it_meets(server: Live) -> None:
    async def volley(token: str) -> list[str]:
        async def one(number: int) -> str:
            async with httpx.AsyncClient(
                base_url=server.base, trust_env=False, verify=False, timeout=PATIENCE
            ) as client:
                answer = await client.post(
                    "/api/v1/resource", json={"name": f"r{number}", "attributes": {}},
                    headers={"authorization": f"Bearer {token}"},
                )
            return str(answer.json().get("type", answer.status_code))

        return list(await asyncio.gather(*map(one, range(16))))

    for _ in range(8):
        counts = Counter(asyncio.run(volley(server.token())))
        assert counts == {"201": 1, "urn:loapi:problem:token-replayed": 15}


def public_pem(private: Any) -> bytes:
    """Give the public half of a key."""
    pem: bytes = private.public_key().public_bytes(
        PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem


def private_pem(private: Any) -> str:
    """Give the whole key."""
    pem: bytes = private.private_bytes(PEM, PRIVATE, serialization.NoEncryption())
    return pem.decode()


PAIRS: dict[str, Callable[[], Any]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
}


def signed(private: Any, algorithm: str, key_id: str, client: str) -> str:
    """Mint a token by a private key."""
    now = int(time.time())
    claims = {
        "iss": client, "aud": "loapi-development", "iat": now, "exp": now + 240,
        "jti": secrets.token_urlsafe(16), "request_context": {"user_id": "U1001"},
    }
    key = jwk.construct(private_pem(private), algorithm)
    return jws.sign(claims, key, headers={"kid": key_id}, algorithm=algorithm)


def test_public_keys_are_pending_then_active_then_retired(server: Live, tmp_path: Path) -> None:
    first = added(server)
    client, pairs = first.client_id, {name: make() for name, make in PAIRS.items()}
    told(server, "key", "revoke", first.key_id)
    ids = {name: pending(server, client, name, pairs[name], tmp_path) for name in pairs}
    turns = cycle(pairs)

    def token(algorithm: str = "") -> str:
        algorithm = algorithm or next(turns)
        return signed(pairs[algorithm], algorithm, ids[algorithm], client)

    assert hammered(server, token, 401, 0.5) == 0.0
    for key_id in ids.values():
        assert told(server, "key", "activate", key_id)["state"] == "active"
    waited = [hammered(server, token, 200)]
    for algorithm, key_id in ids.items():
        forged = signed(PAIRS[algorithm](), algorithm, key_id, client)
        assert server.ask("GET", "/country/US", token=forged).status_code == 401
        made = {"name": "x", "attributes": {}}
        resource = server.ask("POST", "/resource", token(algorithm), json=made)
        assert resource.status_code == 201, resource.text
        assert listed(server, key_id)["last_used_at"] is not None
        assert told(server, "key", "retire", key_id, "--hours", "0")["state"] == "retiring"
    waited.append(hammered(server, token, 401))
    for action in ("client.key.add", "client.key.activate", "client.key.retire"):
        for key_id in ids.values():
            assert outcomes(server, action, key_id) == ["committed"], action
    in_time(max(waited), EFFECTIVE_SECONDS)


def pending(server: Live, client: str, algorithm: str, private: Any, folder: Path) -> str:
    """Give the id of a public key that has just been added."""
    pem = folder / f"{algorithm}.pem"
    pem.write_bytes(public_pem(private))
    key = told(server, "key", "add", client, "--algorithm", algorithm, "--public-key", str(pem))
    assert (key["state"], key["algorithm"]) == ("pending", algorithm) and "key" not in key
    return str(key["key_id"])


def outcomes(server: Live, action: str, key_id: str) -> list[str]:
    """Give the outcomes of an action on a key, whose text no record tells."""
    entity = f"client-key/{key_id}"
    records = [one for one in account(server, action) if one["entities"] == [entity]]
    assert "BEGIN" not in json.dumps(records)
    return [one["outcome"] for one in records]


def test_using_a_key_leaves_no_record_of_its_own(server: Live) -> None:
    token = server.token("lx", user=None)
    before = server.ask("GET", "/audit", token, params={"client-id": "lx"}).json()["items"]
    server.ask("GET", "/country/US", token)
    time.sleep(2.5)
    after = server.ask("GET", "/audit", token, params={"client-id": "lx"}).json()["items"]
    assert {one["action"] for one in after[: len(after) - len(before)]} <= {"audit.list"}
    assert listed(server, server.key("lx").key_id)["last_used_at"] is not None


def refusal(server: Live, *arguments: str) -> tuple[int, str]:
    """Give the status and the words with which a client command refuses."""
    done = loapi(server.home, "client", *arguments)
    assert done.stdout == "" and "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_what_cannot_be_is_refused_in_a_sentence(server: Live, tmp_path: Path) -> None:
    key = added(server)
    weak = {
        "short.pem": public_pem(rsa.generate_private_key(65537, 1024)),
        "p384.pem": public_pem(ec.generate_private_key(ec.SECP384R1())),
        "private.pem": private_pem(PAIRS["ES256"]()).encode(),
        "nothing.pem": b"",
        "noise.pem": b"-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----\n",
    }
    for name, pem in weak.items():
        (tmp_path / name).write_bytes(pem)
        algorithm = "RS256" if name == "short.pem" else "ES256"
        code, words = refusal(server, "key", "add", key.client_id, "--algorithm", algorithm,
                              "--public-key", str(tmp_path / name))
        assert code == 2 and "--public-key" in words, name
    assert refusal(server, "key", "add", key.client_id, "--algorithm", "ES256")[0] == 2
    assert refusal(server, "key", "add", "nobody")[0] == 1
    assert refusal(server, "key", "activate", key.key_id)[0] == 1
    assert refusal(server, "key", "activate", "no-such-key")[0] == 1
    told(server, "key", "revoke", key.key_id)
    assert refusal(server, "key", "retire", key.key_id)[0] == 1


def test_the_sealing_key_is_rotated_without_a_gap(tmp_path: Path) -> None:
    old, new = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    both = {"LOAPI_SEALING_KEY": new, "LOAPI_SEALING_KEY_OLD": old}
    with live(tmp_path, LOAPI_SEALING_KEY=old) as server:
        key = added(server, LOAPI_SEALING_KEY=old)
        assert server.ask("GET", "/country/US", server.token(key=key)).status_code == 200
    with live(tmp_path, **both) as server:
        token = server.token(key=key)
        assert server.ask("GET", "/country/US", token).status_code == 200
        resealed = told(server, "reseal", **both)["resealed"]
        assert resealed == 4
        assert told(server, "reseal", **both) == {"resealed": 0}
        records = account(server, "client.reseal")
        assert len(records) == resealed
        assert {json.dumps(one["changes"][0]["fields"]) for one in records} == {
            '{"sealed": {"changed": true}}'
        }
    with live(tmp_path, LOAPI_SEALING_KEY=new) as server:
        assert server.ask("GET", "/country/US", server.token(key=key)).status_code == 200


def test_a_key_whose_sealing_key_is_lost_is_named_and_the_others_are_sealed_anew(
    tmp_path: Path,
) -> None:
    lost, old, new = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(3))
    with live(tmp_path, LOAPI_SEALING_KEY=old) as server:
        key = added(server, LOAPI_SEALING_KEY=lost)
        assert server.ask("GET", "/country/US", server.token(key=key)).status_code == 401
        assert server.ask("GET", "/country/US").status_code == 200
        both = {"LOAPI_SEALING_KEY": new, "LOAPI_SEALING_KEY_OLD": old}
        done = loapi(server.home, "client", "reseal", "--json", **both)
    assert (done.returncode, json.loads(done.stdout)) == (1, {"resealed": 3})
    assert key.key_id in done.stderr and "Traceback" not in done.stderr
    with live(tmp_path, LOAPI_SEALING_KEY=new) as server:
        assert server.ask("GET", "/country/US").status_code == 200


def test_a_key_that_cannot_be_opened_is_not_activated(tmp_path: Path) -> None:
    lost, ours = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))
    for command in ("upgrade", "seed"):
        done = loapi(tmp_path, "db", command, LOAPI_SEALING_KEY=ours)
        assert done.returncode == 0, done.stderr
    made = loapi(tmp_path, "client", "key", "add", "prepay", "--json", LOAPI_SEALING_KEY=lost)
    key_id = json.loads(made.stdout)["key_id"]
    done = loapi(tmp_path, "client", "key", "activate", key_id, LOAPI_SEALING_KEY=ours)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and key_id in done.stderr and lost not in done.stderr
    listed = loapi(tmp_path, "client", "list", "--json", LOAPI_SEALING_KEY=ours)
    (prepay,) = (one for one in json.loads(listed.stdout) if one["client_id"] == "prepay")
    assert {one["state"] for one in prepay["keys"] if one["key_id"] == key_id} == {"pending"}
