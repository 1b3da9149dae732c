"""Keys: their text, how they are made, and how they are sealed at rest."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jose.utils import base64url_decode

from adapters.jwt.keys import check_key_text, make_key, mint, new_key_id
from adapters.jwt.sealing import AesGcmSealer
from application.tokens import KeySealer

FIRST, SECOND = b"1" * 32, b"2" * 32
SECRET = b"loapi_test_prepay-3f9a2c_secret"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


def sealer(current: str = "2026", **keys: bytes) -> KeySealer:
    """Make a sealer with one key, unless told otherwise."""
    return AesGcmSealer(keys or {"2026": FIRST}, current)


def mutilated(sealed: str) -> dict[str, str]:
    """Alter a sealed text in every way that a thief or an accident may."""
    name, _, text = sealed.partition(".")
    middle = len(text) // 2
    return {
        "empty": "",
        "no sealing key": text,
        "empty sealing key": "." + text,
        "nothing sealed": name + ".",
        "only a nonce": f"{name}.{text[:16]}",
        "cut": sealed[:-4],
        "longer": sealed + "AAAA",
        "padded": sealed + "==",
        "a space": sealed + " ",
        "a newline": sealed + "\n",
        "junk inside": f"{name}.{text[:middle]}!{text[middle:]}",
        "two dots": f"{name}..{text}",
        "not ASCII": sealed + "é",
        "another sealing key's name": "2027." + text,
        "the name in capitals": "X" + sealed,
    }


def test_what_is_sealed_opens_again() -> None:
    assert sealer().open("prepay-1", sealer().seal("prepay-1", SECRET)) == SECRET


def test_a_sealed_text_names_its_sealing_key_and_shows_nothing_else() -> None:
    sealed = sealer().seal("prepay-1", SECRET)
    assert re.fullmatch(r"2026\.[A-Za-z0-9_-]+", sealed)
    assert b"loapi" not in base64url_decode(sealed.partition(".")[2].encode())


def test_sealing_twice_gives_different_texts() -> None:
    assert len({sealer().seal("prepay-1", SECRET) for _ in range(100)}) == 100


def test_a_sealed_key_opens_under_its_own_id_only() -> None:
    sealed = sealer().seal("prepay-1", SECRET)
    with pytest.raises(ValueError, match="altered, or sealed for another key id"):
        sealer().open("prepay-2", sealed)


def test_the_current_key_seals_and_all_keys_open() -> None:
    old = sealer().seal("prepay-1", SECRET)
    rotated = AesGcmSealer({"2026": FIRST, "2027": SECOND}, "2027")
    assert rotated.open("prepay-1", old) == SECRET
    assert rotated.seal("prepay-1", SECRET).startswith("2027.")


def test_a_retired_sealing_key_is_named_as_the_reason() -> None:
    sealed = sealer().seal("prepay-1", SECRET)
    with pytest.raises(ValueError, match="not configured"):
        AesGcmSealer({"2027": SECOND}, "2027").open("prepay-1", sealed)


def test_another_key_of_the_same_name_opens_nothing() -> None:
    sealed = sealer().seal("prepay-1", SECRET)
    with pytest.raises(ValueError, match="altered"):
        AesGcmSealer({"2026": SECOND}, "2026").open("prepay-1", sealed)


@pytest.mark.parametrize("way", mutilated("2026.AAAA").keys())
def test_an_altered_text_does_not_open(way: str) -> None:
    both = AesGcmSealer({"2026": FIRST, "2027": SECOND}, "2026")
    altered = mutilated(both.seal("prepay-1", SECRET))[way]
    with pytest.raises(ValueError):
        both.open("prepay-1", altered)


def test_no_single_letter_of_a_sealed_text_can_change() -> None:
    sealed = sealer().seal("prepay-1", SECRET)
    for at in range(len("2026."), len(sealed)):
        other = LETTERS[(LETTERS.index(sealed[at]) + 1) % len(LETTERS)]
        with pytest.raises(ValueError):
            sealer().open("prepay-1", sealed[:at] + other + sealed[at + 1:])


def test_a_refusal_to_open_shows_neither_key_nor_text() -> None:
    sealed = sealer().seal("prepay-1", SECRET)
    with pytest.raises(ValueError) as refusal:
        sealer().open("prepay-2", sealed)
    assert sealed[5:15] not in str(refusal.value)


@pytest.mark.parametrize(("keys", "current"), [
    ({}, "2026"),
    ({"2026": FIRST}, "2027"),
    ({"2026": FIRST[:31]}, "2026"),
    ({"2026": FIRST + b"1"}, "2026"),
    ({"2026": b"1" * 16}, "2026"),
    ({"2026": FIRST, "2027": b""}, "2026"),
    ({"20.26": FIRST}, "20.26"),
    ({"": FIRST}, ""),
])
def test_a_sealer_without_proper_keys_is_not_built(keys: dict[str, bytes], current: str) -> None:
    with pytest.raises(ValueError):
        AesGcmSealer(keys, current)


@given(st.text(max_size=40), st.binary(max_size=200))
def test_any_secret_of_any_key_survives_sealing(key_id: str, secret: bytes) -> None:
    assert sealer().open(key_id, sealer().seal(key_id, secret)) == secret


def test_a_key_text_says_whose_it_is_and_checks_out() -> None:
    text = make_key("test", "prepay-3f9a2c")
    assert re.fullmatch(r"loapi_test_prepay-3f9a2c_[0-9A-Za-z]{49}", text)
    assert check_key_text(text)


def test_no_two_keys_are_alike() -> None:
    assert len({make_key("test", "prepay-1") for _ in range(1000)}) == 1000


def test_a_mistyped_letter_anywhere_in_a_key_text_is_noticed() -> None:
    text = make_key("test", "prepay-3f9a2c")
    for at, letter in enumerate(text):
        other = LETTERS[(LETTERS.index(letter) + 1) % len(LETTERS)]
        assert not check_key_text(text[:at] + other + text[at + 1:])


@pytest.mark.parametrize("alter", [
    lambda text: "", lambda text: text[:-1], lambda text: text + "0", lambda text: text + "\n",
    lambda text: " " + text, str.upper, str.swapcase, lambda text: text.replace("_", "-"),
    lambda text: text.replace("loapi", "other"), lambda text: text[6:], lambda text: "é" + text,
    lambda text: text[:-49] + text[-6:], lambda text: text[:-1] + "\ud800",
])
def test_what_is_no_whole_key_text_is_noticed(alter: object) -> None:
    assert callable(alter)
    assert not check_key_text(alter(make_key("test", "prepay-3f9a2c")))


@pytest.mark.parametrize(("env", "key_id"), [
    ("", "a"), ("te_st", "a"), ("TEST", "a"), ("test ", "a"), ("t" * 21, "a"),
    ("test", ""), ("test", "a_b"), ("test", "A"), ("test", "a b"), ("test", "é"),
    ("test", "a" * 61), ("test\n", "a"), ("test", "a\n"),
])
def test_a_key_text_with_parts_that_would_run_together_is_not_made(env: str, key_id: str) -> None:
    with pytest.raises(ValueError):
        make_key(env, key_id)


@pytest.mark.parametrize(("client_id", "shape"), [
    ("prepay", r"prepay-[0-9a-f]{6}"),
    ("Loan Exchange (LX)", r"loan-exchange-lx-[0-9a-f]{6}"),
    ("__", r"client-[0-9a-f]{6}"),
    ("é", r"client-[0-9a-f]{6}"),
    ("a" * 60, r"a{50}-[0-9a-f]{6}"),
])
def test_a_key_id_shows_its_client_and_is_fresh(client_id: str, shape: str) -> None:
    assert re.fullmatch(shape, new_key_id(client_id))
    assert new_key_id(client_id) != new_key_id(client_id)
    assert check_key_text(make_key("test", new_key_id(client_id)))


def test_a_minted_token_holds_what_a_client_puts_there() -> None:
    text = make_key("test", "prepay-1")
    minted = mint(text, "prepay-1", "prepay", "here", "u.1", None, 60, 1000, "t-1")
    head, body, _ = minted.split(".")
    assert json.loads(base64url_decode(head.encode())) == {
        "alg": "HS256", "typ": "JWT", "kid": "prepay-1"}
    assert json.loads(base64url_decode(body.encode())) == {
        "iss": "prepay", "aud": "here", "iat": 1000, "exp": 1060, "jti": "t-1",
        "request_context": {"user_id": "u.1"}}


def test_a_minted_token_does_not_hold_the_key() -> None:
    text = make_key("test", "prepay-1")
    minted = mint(text, "prepay-1", "prepay", "here", "u.1", 7, 60, 1000, "t-1")
    assert text not in "".join(base64url_decode(part.encode()).decode("latin-1")
                               for part in minted.split("."))
