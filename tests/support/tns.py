"""A listener that speaks Oracle Net as far as the real driver's logon, or fails to on purpose.

What is sent is as the thin driver reads it (python-oracledb, src/oracledb/impl/thin/messages).
"""

import hashlib
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ACCEPT, REFUSE, DATA = 2, 4, 6
LONGEST_IN_CONNECT = 230
"""Bytes of connect data beyond which they come in a packet of their own."""

PROTOCOL, DATA_TYPES, FUNCTION, ERROR, PARAMETER, STATUS, ONE_WAY = 1, 2, 3, 4, 8, 9, 26
LOGON_CHALLENGE, LOGON_PROOF, LOGOFF, RELEASE = 0x76, 0x73, 0x09, 0xA3
VERIFIER_11G = 0x1B25
AL32UTF8, AL16UTF16 = 873, 2000

Behave = Callable[[socket.socket], None]


class Listener:
    """Accepts connections and lets each be treated in a thread of its own."""

    def __init__(self, behave: Behave, port: int = 0) -> None:
        self.connects = 0
        self._behave = behave
        self._taken: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Stop listening, and break every connection."""
        # Closing alone would not wake the thread that accepts.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Break every connection."""
        while self._taken:
            with suppress(OSError), self._taken.pop() as each:
                each.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                taken, _ = self._socket.accept()
                self.connects += 1
                self._taken.append(taken)
                threading.Thread(target=self._treat, args=(taken,), daemon=True).start()

    def _treat(self, taken: socket.socket) -> None:
        with suppress(OSError, EOFError):
            self._behave(taken)


@contextmanager
def listening(behave: Behave, port: int = 0) -> Iterator[Listener]:
    """Listen until the block ends, at a port of one's own if none is given."""
    listener = Listener(behave, port)
    try:
        yield listener
    finally:
        listener.close()


def closed_port() -> int:
    """Give a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def silent(_taken: socket.socket) -> None:
    """Accept, and never say a word."""


def hang_up(taken: socket.socket) -> None:
    """Break the connection in the middle of the handshake."""
    _packet(taken, large=False)
    taken.close()


def refusing(code: int) -> Behave:
    """Refuse as a listener does, with ORA-code."""
    text = f"(DESCRIPTION=(ERR={code})(ERROR_STACK=(ERROR=(CODE={code})(EMFI=4))))".encode()

    def refuse(taken: socket.socket) -> None:
        _packet(taken, large=False)
        _send_small(taken, REFUSE, b"\0\0" + struct.pack(">H", len(text)) + text)
        taken.close()

    return refuse


def late(seconds: float, behave: Behave) -> Behave:
    """Behave so, but some seconds later."""

    def wait(taken: socket.socket) -> None:
        threading.Event().wait(seconds)
        behave(taken)

    return wait


@dataclass
class Account:
    """A database with one account: it admits who knows the password, and says yes to every call."""

    password: str
    thinks: float = 0.0
    """Seconds that it takes to refuse a logon."""
    logons: int = 0
    """Those that were admitted."""
    refused: int = 0
    """Those that were not: what Oracle counts before it locks the account."""
    calls: list[bytes] = field(default_factory=list)
    """What was asked of it since."""
    answers: threading.Event = field(default_factory=threading.Event)
    """While it is not set, calls are heard but not answered; who leaves is let go."""
    silent_logons: threading.Event = field(default_factory=threading.Event)
    """While it is set, whoever connects hears nothing."""

    def __post_init__(self) -> None:
        self.answers.set()

    def __call__(self, taken: socket.socket) -> None:
        """Serve a connection."""
        if self.silent_logons.is_set():
            return
        _accept(taken)
        challenge = _Challenge(self.password)
        while payload := _packet(taken, large=True)[2:]:
            if bytes([ONE_WAY, RELEASE]) not in payload:
                _send(taken, self._answer(payload, challenge))
        taken.close()

    def _answer(self, payload: bytes, challenge: "_Challenge") -> bytes:
        if payload[0] == PROTOCOL:
            return _PROTOCOL_ANSWER
        if payload[0] == DATA_TYPES:
            return bytes([DATA_TYPES, 0, 0])
        if payload[:2] == bytes([FUNCTION, LOGON_CHALLENGE]):
            return challenge.sent()
        if payload[:2] == bytes([FUNCTION, LOGON_PROOF]):
            return self._judged(payload, challenge)
        self.calls.append(payload)
        if payload[:2] != bytes([FUNCTION, LOGOFF]):
            self.answers.wait()
        return _error()

    def _judged(self, payload: bytes, challenge: "_Challenge") -> bytes:
        if proof := challenge.proof(payload, self.password):
            self.logons += 1
            return proof
        threading.Event().wait(self.thinks)
        self.refused += 1
        return _error(1017, "ORA-01017: invalid username/password; logon denied")


class _Challenge:
    """What server and driver prove to each other: that both know the password (11g verifier)."""

    def __init__(self, password: str) -> None:
        self._salt = secrets.token_bytes(10)
        self._key = hashlib.sha1(password.encode() + self._salt).digest() + bytes(4)
        self._part = secrets.token_bytes(48)

    def sent(self) -> bytes:
        """Give what the driver is to decrypt."""
        session_key = _encrypted(self._key, self._part).hex().upper()[:96]
        salt = self._salt.hex().upper()
        return _parameters({"AUTH_SESSKEY": session_key, "AUTH_VFR_DATA": salt})

    def proof(self, payload: bytes, password: str) -> bytes | None:
        """Give what proves the server to the driver, if the driver has proven itself."""
        theirs = _decrypted(self._key, _value(payload, b"AUTH_SESSKEY"))
        mixed = bytes(a ^ b for a, b in zip(self._part[16:40], theirs[16:40], strict=True))
        key = (hashlib.md5(mixed[:16]).digest() + hashlib.md5(mixed[16:]).digest())[:24]
        given = _decrypted(key, _value(payload, b"AUTH_PASSWORD"))[16:]
        if given[:-given[-1]] != password.encode():
            return None
        response = _encrypted(key, secrets.token_bytes(16) + b"SERVER_TO_CLIENT")
        return _parameters({"AUTH_SVR_RESPONSE": response.hex().upper(), **_SESSION})


_SESSION = {
    "AUTH_VERSION_NO": str(19 << 24), "AUTH_SESSION_ID": "7", "AUTH_SERIAL_NUM": "1",
    "AUTH_DBNAME": "X", "AUTH_SC_DB_DOMAIN": "", "AUTH_MAX_OPEN_CURSORS": "300",
    "AUTH_SC_SERVICE_NAME": "X", "AUTH_INSTANCENAME": "X", "AUTH_MAX_IDEN_LENGTH": "128",
}

_CHARSETS = bytes(9) + struct.pack(">H", AL16UTF16)
_PROTOCOL_ANSWER = (
    bytes([PROTOCOL, 6, 0]) + b"Oracle\0" + struct.pack("<H", AL32UTF8) + bytes(3)
    + struct.pack(">H", len(_CHARSETS)) + _CHARSETS + bytes(2)
)


def _accept(taken: socket.socket) -> None:
    request = _packet(taken, large=False)
    if struct.unpack(">H", request[16:18])[0] > LONGEST_IN_CONNECT:
        _packet(taken, large=False)
    version, unit = 317, 8192
    _send_small(taken, ACCEPT, struct.pack(">HH", version, 0) + bytes(20) + struct.pack(">I", unit))


def _packet(taken: socket.socket, *, large: bool) -> bytes:
    """Read a packet; lengths have four bytes once a connection is accepted."""
    head = _read(taken, 8)
    length: int = struct.unpack(">I", head[:4])[0] if large else struct.unpack(">H", head[:2])[0]
    return _read(taken, length - 8)


def _read(taken: socket.socket, length: int) -> bytes:
    read = b""
    while len(read) < length:
        more = taken.recv(length - len(read))
        if not more:
            raise EOFError
        read += more
    return read


def _send_small(taken: socket.socket, kind: int, body: bytes) -> None:
    taken.sendall(struct.pack(">HHBBH", 8 + len(body), 0, kind, 0, 0) + body)


def _send(taken: socket.socket, payload: bytes) -> None:
    taken.sendall(struct.pack(">IBBHH", 10 + len(payload), DATA, 0, 0, 0) + payload)


def _number(value: int) -> bytes:
    digits = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([len(digits)]) + digits


def _text(value: str) -> bytes:
    return _number(len(value)) + (bytes([len(value)]) + value.encode() if value else b"")


def _parameters(values: Mapping[str, str]) -> bytes:
    sent = bytes([PARAMETER]) + _number(len(values))
    for name, value in values.items():
        flags = VERIFIER_11G if name == "AUTH_VFR_DATA" else 0
        sent += _text(name) + _text(value) + _number(flags)
    return sent + bytes([STATUS, 0, 0])


def _value(payload: bytes, name: bytes) -> bytes:
    """Find what the driver sends under a name: a number, a length and hexadecimal digits."""
    start = payload.index(name) + len(name)
    start += 1 + payload[start]
    return bytes.fromhex(payload[start + 1:start + 1 + payload[start]].decode())


def _error(code: int = 0, text: str = "") -> bytes:
    """End a call, well with code 0. Counts, positions and a row id stand between; all are 0."""
    ended = bytes([ERROR]) + bytes(3) + _number(code) + bytes(24) + _number(code) + bytes(3)
    return ended + (bytes([len(text)]) + text.encode() if code else b"")


def _encrypted(key: bytes, data: bytes) -> bytes:
    filled = data + bytes([16 - len(data) % 16]) * (16 - len(data) % 16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(filled) + encryptor.finalize()


def _decrypted(key: bytes, data: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor()
    return decryptor.update(data) + decryptor.finalize()
