"""What has to be known to reach an Oracle database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PROGRAM = "loapi"
"""What V$SESSION.PROGRAM shows of our sessions."""

DRCP_CLASS = "LOAPI"
"""The connection class under which the server keeps sessions for us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleOptions:
    """How an Oracle database is reached."""

    user: str
    password: str = field(repr=False)
    dsn: str
    """An EZConnect string, a connect descriptor, or an alias in tnsnames.ora."""
    schema: str
    """The owner of the tables."""
    size: int
    """Sessions at most; none ends for want of use."""
    wallet: str | None = None
    """The folder with the wallet and perhaps tnsnames.ora."""
    wallet_password: str | None = field(default=None, repr=False)
    drcp: bool = False
    """Share the server's own pool of sessions."""
    thick: bool = False
    """Use Oracle's client libraries; the process cannot go back to the thin mode."""
    wait_seconds: float = 2.0
    """How long a session may take to be had, and a call to set it up."""

    @property
    def milliseconds(self) -> int:
        """The same in the driver's unit."""
        return int(self.wait_seconds * 1000)

    def logon(self) -> Mapping[str, Any]:
        """Give what the driver is told for any connection."""
        told: dict[str, Any] = {
            "user": self.user,
            "password": self.password,
            "dsn": self.dsn,
            "program": PROGRAM,
            "tcp_connect_timeout": 4.0,
            "expire_time": 2,
            "stmtcachesize": 100,
        }
        if self.wallet is not None:
            told |= {"config_dir": self.wallet, "wallet_location": self.wallet}
            told |= {"wallet_password": self.wallet_password}
        if self.drcp:
            told |= {"server_type": "pooled", "cclass": DRCP_CLASS}
        return told
