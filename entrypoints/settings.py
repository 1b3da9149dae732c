"""Everything that the environment decides, checked before anything starts."""

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from entrypoints.wording import plainly

PREFIX = "LOAPI_"
FOR_TESTS = "LOAPI_TEST_"
"""Variables that only the tests read."""


class Env(StrEnum):
    """Where the service runs; only development has defaults for everything."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class AuditSinkName(StrEnum):
    """Where audit records are kept."""

    DATABASE = "database"
    DYNAMODB = "dynamodb"
    MEMORY = "memory"


class AuditReads(StrEnum):
    """Whether the answer to a read waits for its record."""

    GATHERED = "gathered"
    STRICT = "strict"


class LogLevel(StrEnum):
    """How much is logged beside requests."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class TracingName(StrEnum):
    """Who is told what a request spends its time on."""

    OFF = "off"
    DATADOG = "datadog"


class AskMethod(StrEnum):
    """How ULP is asked about a session."""

    GET = "GET"
    POST = "POST"


class HolidayRoll(StrEnum):
    """Where a day moves that is a holiday."""

    FOLLOWING = "following"
    PRECEDING = "preceding"


class BadSettings(Exception):
    """The environment asks for something that cannot be; the message names it."""


_RATE = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")

_PORT = r":([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

_ADDRESS = rf"://[A-Za-z0-9._-]+({_PORT})?(/[^\s?#@\\]*)?"
"""A host and a path behind the scheme: no password, no query."""

_NAME = r"[A-Za-z][A-Za-z0-9_$#]{0,127}"
"""A name that Oracle takes without quotes."""

_HOST = rf"(\[[0-9A-Fa-f:.]+\]|[^@/:\s]+)({_PORT})?"
_STORAGE = re.compile(rf"memory|rediss?://([^@/\s]*@)?{_HOST}(/[0-9]{{1,3}})?")

RATE_LIMITS = {
    "client": "60000/minute",
    "user": "30000/minute",
    "read": "60000/minute",
    "list": "30000/minute",
    "write": "30000/minute",
    "audit": "6000/minute",
    "failed": "3000/minute",
}
"""Rate limits unless the environment says otherwise: a client in all, one of its users, each
class of routes, and failed authentication by address."""


def _formed(pattern: str, form: str) -> AfterValidator:
    """Refuse a text that is not of a form, with a sentence that says of which."""

    def check(given: str) -> str:
        if not re.fullmatch(pattern, given):
            raise ValueError(f"give {form}")
        return given

    return AfterValidator(check)


class Settings(BaseModel):
    """The settings, each from the variable of its name behind LOAPI_."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: Env = Env.DEVELOPMENT
    """`development`, `staging` or `production`; the latter refuses defaults meant for trying."""
    home: Path = Path("var")
    """Where development keeps its database and its keys."""
    database_url: SecretStr | None = None
    """`sqlite:///FILE`, or `oracle+oracledb://USER:PASSWORD@HOST:PORT/?service_name=NAME`; by
    default a file under LOAPI_HOME."""
    oracle_dsn: str | None = None
    """Where Oracle is, instead of in the URL: an EZConnect string, a descriptor, a TNS alias."""
    oracle_pool: Annotated[int, Ge(4), Le(100)] = 8
    """How many sessions each process that serves keeps at Oracle."""
    oracle_schema: Annotated[str, _formed(_NAME, "the name of the owner, as LOAPI_OWNER")] = (
        "LOAPI_OWNER"
    )
    """The owner of the tables in Oracle."""
    oracle_thick: bool = False
    """Connect through Oracle's client libraries: for what the driver alone cannot do."""
    oracle_wallet: Path | None = None
    """The folder with the wallet for TLS, and perhaps tnsnames.ora."""
    oracle_wallet_password: SecretStr | None = None
    """What opens the wallet's ewallet.pem."""
    oracle_drcp: bool = False
    """Share the server's own pool of sessions (DRCP), for many processes with few calls."""
    audit_sink: AuditSinkName = AuditSinkName.DATABASE
    """`database`, `dynamodb` or `memory` (one process, gone with it)."""
    dynamodb_table: (
        Annotated[str, _formed(r"[A-Za-z0-9_.-]{3,255}", "the name of a table, as loapi-audit")]
        | None
    ) = None
    """The table that the sink `dynamodb` keeps records in; `loapi audit init-sink` makes it."""
    dynamodb_region: (
        Annotated[str, _formed(r"[a-z0-9-]{3,40}", "a region, as us-east-1")] | None
    ) = None
    """The region of that table; needed with LOAPI_DYNAMODB_TABLE."""
    dynamodb_endpoint: (
        Annotated[str, _formed(rf"https?{_ADDRESS}", "https://HOST, or http://HOST:PORT")] | None
    ) = None
    """Another address than the region's own, as of a VPC endpoint or a local server."""
    audit_reads: AuditReads = AuditReads.GATHERED
    """`strict` makes the answer to a recorded read wait for its record."""
    audience: Annotated[str, _formed(r"[^\s+]+", "a text without spaces and +")] = (
        "loapi-development"
    )
    """The `aud` that tokens must carry, exactly; also the name of the log of the audit trail."""
    ulp_url: str | None = None
    """Where ULP tells whose session it is; without it, no client of mode `ulp` is served."""
    ulp_method: AskMethod = AskMethod.GET
    """`GET` or `POST`: how ULP is asked."""
    ulp_header: Annotated[str, _formed(r"[A-Za-z0-9-]{1,64}", "the name of a header")] = (
        "X-ULP-Session"
    )
    """The header in which ULP is told the session id."""
    ulp_seconds: Annotated[float, Gt(0), Le(10)] = 2.0
    """How long ULP may take to answer, in all."""
    oidc_issuer: str | None = None
    """The `iss` of the OpenID provider's tokens, exactly; without it, no client of mode `oidc` is
    served."""
    oidc_audience: str | None = Field(default=None, validate_default=True)
    """The `aud` that the provider's tokens must carry, exactly; needed with LOAPI_OIDC_ISSUER."""
    oidc_jwks_url: str | None = None
    """Where the provider's keys are; by default its discovery document says it."""
    oidc_max_stale_minutes: Annotated[int, Ge(1), Le(1440)] = 60
    """How long the last keys are good when the provider is away."""
    figures_url: str | None = None
    """Where the accounting system gives final payoff figures; without it, estimates are quoted."""
    figures_token: SecretStr | None = None
    """The bearer token that the accounting system knows us by."""
    figures_seconds: Annotated[float, Gt(0), Le(10)] = 2.0
    """How long the accounting system may take to answer, in all."""
    third_thursday_roll: HolidayRoll = HolidayRoll.FOLLOWING
    """`following` or `preceding`: where a 504 payoff moves that is due on a Fed holiday."""
    sealing_key: SecretStr | None = None
    """32 bytes in base64 that seal client keys; development makes its own under LOAPI_HOME."""
    sealing_key_old: SecretStr | None = None
    """The sealing key before this one: it opens what it has sealed until `loapi client reseal`."""
    signing_key: SecretStr | None = None
    """32 bytes in base64, the Ed25519 key that signs audit checkpoints; development makes its
    own under LOAPI_HOME."""
    checkpoint_file: Path | None = None
    """Where checkpoints are sent beside the database, out of its administrators' reach; by
    default a file under LOAPI_HOME."""
    audit_backlog: Annotated[int, Ge(1), Le(1_000_000_000)] = 100_000
    """How many audit records may wait for delivery before writes are refused."""
    audit_backlog_minutes: Annotated[int, Ge(1), Le(525_600)] = 15
    """How long the oldest of them may wait before writes are refused."""
    rate_limit_storage: SecretStr = SecretStr("memory")
    """`redis://HOST:PORT/DB` (or `rediss://`; with `:PASSWORD@` before the host) where all
    processes count together, in Valkey or Redis; `memory`: each process counts for itself, and
    each of several workers its part of the limits."""
    rate_limits: dict[str, str] = Field(default_factory=lambda: dict(RATE_LIMITS))
    """Limits that differ from the defaults, as `write=600/minute,client=1200/minute`."""
    client_concurrency: Annotated[int, Ge(1), Le(10_000)] = 64
    """How many requests of one client a process serves at once."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks of proxies whose X-Forwarded-For is believed, as `10.1.0.0/16,10.2.0.7`."""
    workers: Annotated[int, Ge(1), Le(64)] = 1
    """How many processes serve; `--workers` says the same."""
    log_level: LogLevel = LogLevel.INFO
    """The least level of what is logged beside requests."""
    log_successes: Annotated[float, Ge(0), Le(1)] = 1.0
    """The share of the requests that went well of which the log tells; of refusals, errors and
    requests of more than a second it tells always."""
    tracing: TracingName = TracingName.OFF
    """`datadog`: ddtrace tells the agent of requests, batches and database calls; or `off`."""
    tracing_agent: Annotated[str, _formed(rf"http{_ADDRESS}", "http://HOST:PORT")] = (
        "http://127.0.0.1:8126"
    )
    """Where the Datadog agent takes traces."""
    statsd: Annotated[str, _formed(_HOST, "HOST:PORT")] | None = None
    """`HOST:PORT` of the Datadog agent's DogStatsD; without it, no metrics are sent."""
    sentry_dsn: SecretStr | None = None
    """Where Sentry takes errors that nobody expected; without it, only the log has them."""
    demo: bool | None = None
    """Load the demo portfolio at the first start: only development does, unless told not to."""

    @model_validator(mode="before")
    @classmethod
    def _read_limits(cls, given: Any) -> Any:
        text = given.get("rate_limits") if isinstance(given, dict) else None
        if not isinstance(text, str):
            return given
        pairs = [part.partition("=") for part in text.split(",") if part.strip()]
        chosen = {name.strip(): rate.strip() for name, _, rate in pairs}
        if len(chosen) < len(pairs):
            raise ValueError("give each limit once")
        if unknown := set(chosen) - set(RATE_LIMITS):
            known = ", ".join(RATE_LIMITS)
            raise ValueError(f"no limit is called {', '.join(sorted(unknown))}; there are {known}")
        for name, rate in chosen.items():
            if not _RATE.fullmatch(rate):
                raise ValueError(f"write the limit '{name}' as {name}=600/minute")
        return {**given, "rate_limits": {**RATE_LIMITS, **chosen}}

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _read_proxies(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        return tuple(_network(part.strip(), n) for n, part in enumerate(given.split(","), 1))

    @field_validator("rate_limit_storage")
    @classmethod
    def _check_storage(cls, given: SecretStr) -> SecretStr:
        if not _STORAGE.fullmatch(given.get_secret_value()):
            raise ValueError("give 'memory' or redis://HOST:PORT/DB")
        return given

    @field_validator("ulp_url", "oidc_issuer", "oidc_jwks_url", "figures_url")
    @classmethod
    def _check_address(cls, given: str | None, others: ValidationInfo) -> str | None:
        schemes = "https?" if others.data.get("env") is Env.DEVELOPMENT else "https"
        if given is not None and not re.fullmatch(schemes + _ADDRESS, given):
            raise ValueError("give https://HOST/PATH; only development takes http")
        return given

    @field_validator("oidc_audience", "oidc_jwks_url")
    @classmethod
    def _check_oidc(cls, given: str | None, others: ValidationInfo) -> str | None:
        if (issuer := others.data.get("oidc_issuer")) is None and given is not None:
            raise ValueError("this needs LOAPI_OIDC_ISSUER")
        if issuer is not None and given is None and others.field_name == "oidc_audience":
            raise ValueError("name the audience of the provider's tokens for us")
        return given

    @property
    def url(self) -> str:
        """The database's URL."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.absolute() / 'loapi.db'}"

    @property
    def loads_demo(self) -> bool:
        """Whether an empty database gets the demo portfolio."""
        return self.development if self.demo is None else self.demo

    @property
    def checkpoints(self) -> Path:
        """The file that checkpoints are sent to."""
        return self.checkpoint_file or self.home / "checkpoints.txt"

    @property
    def development(self) -> bool:
        """Whether the service makes itself a home and keys, for trying it."""
        return self.env is Env.DEVELOPMENT

    @property
    def production(self) -> bool:
        """Whether real loans are at stake."""
        return self.env is Env.PRODUCTION


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises BadSettings with a sentence for each one that is wrong."""
    source = os.environ if environment is None else environment
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in source.items()
        if name.startswith(PREFIX) and not name.startswith(FOR_TESTS)
    }
    # Where a variable is empty, somebody has meant it to have a value.
    empty = [name for name, value in given.items() if not value.strip()]
    wrong = [f"{PREFIX}{name.upper()}: {_EMPTY}." for name in empty]
    filled = {name: value for name, value in given.items() if name not in empty}
    try:
        settings = Settings.model_validate(filled)
    except ValidationError as error:
        wrong += _sentences(error)
    if wrong:
        raise BadSettings("\n".join(wrong)) from None
    _check_sink(settings)
    _check_oracle(given)
    _check_defaults(settings, given)
    return settings


_EMPTY = "it is empty; give a value, or leave the variable out"


def _network(text: str, number: int) -> IPv4Network | IPv6Network:
    """Read a network of a list; of one that is none the place is told."""
    try:
        return ip_network(text)
    except ValueError as error:
        bits = "has bits beyond its mask" if "host bits" in str(error) else "is none"
        raise ValueError(f"network {number} {bits}; write 10.1.0.0/16, or 10.2.0.7") from None


def _check_sink(settings: Settings) -> None:
    named = settings.audit_sink is AuditSinkName.DYNAMODB or settings.dynamodb_table
    if named and not (settings.dynamodb_table and settings.dynamodb_region):
        raise BadSettings("The sink 'dynamodb' needs LOAPI_DYNAMODB_TABLE, LOAPI_DYNAMODB_REGION.")


def _check_oracle(given: Mapping[str, str]) -> None:
    meant = [name for name in ("oracle_dsn", "oracle_wallet") if given.get(name)]
    if meant and not given.get("database_url", "").startswith("oracle"):
        name = f"{PREFIX}{meant[0].upper()}"
        raise BadSettings(f"{name} needs LOAPI_DATABASE_URL=oracle+oracledb://USER:PASSWORD@.")


def _sentences(error: ValidationError) -> list[str]:
    return [_sentence(one) for one in error.errors(include_url=False, include_input=False)]


def _sentence(one: Any) -> str:
    name = PREFIX + "_".join(str(part) for part in one["loc"][:1]).upper()
    if one["type"] == "extra_forbidden":
        return f"{name} is no setting of loapi; see docs/configuration.md."
    if not one["loc"]:
        name = PREFIX + "RATE_LIMITS"
    return f"{name}: {plainly(one)}."


_NEEDED = {
    Env.PRODUCTION: (
        "database_url", "audience", "sealing_key", "signing_key", "checkpoint_file",
    ),
    Env.STAGING: ("sealing_key", "signing_key"),
}
"""What has no default, by where the service runs."""


def _check_defaults(settings: Settings, given: Mapping[str, str]) -> None:
    needed = _NEEDED.get(settings.env, ())
    missing = [f"LOAPI_{name.upper()}" for name in needed if name not in given]
    if missing:
        env = settings.env.capitalize()
        raise BadSettings(f"{env} has no default for {', '.join(missing)}.")
    if settings.production and settings.demo:
        raise BadSettings("LOAPI_DEMO: production never loads demo data.")
