"""Settings: documented to the last one, and refused by name where they cannot be."""

import re
from base64 import b64encode
from enum import StrEnum
from pathlib import Path

import pytest

from entrypoints.settings import RATE_LIMITS, BadSettings, Env, Settings, read_settings

ROOT = Path(__file__).parents[2]
VARIABLES = [f"LOAPI_{name.upper()}" for name in Settings.__annotations__ if name != "model_config"]

ROW = re.compile(r"^\| `(LOAPI_[A-Z_]+)` \| (.+?) \| .+ \|$", re.MULTILINE)
LIMIT = re.compile(r"^\| `([a-z]+)` \| .+ \| `(\d+/\w+)` \|$", re.MULTILINE)
EXAMPLE = re.compile(r"^#(LOAPI_[A-Z_]+)=(.*)$", re.MULTILINE)

PRODUCTION = {
    "LOAPI_ENV": "production",
    "LOAPI_DATABASE_URL": "sqlite:////srv/loapi.db",
    "LOAPI_AUDIENCE": "loapi.example.com",
    "LOAPI_SEALING_KEY": b64encode(bytes(32)).decode(),
    "LOAPI_SIGNING_KEY": b64encode(bytes(range(32))).decode(),
    "LOAPI_CHECKPOINT_FILE": "/srv/checkpoints.txt",
}

WRONG = [
    ("LOAPI_ENV", "prod"),
    ("LOAPI_ENV", ""),
    ("LOAPI_AUDIT_SINK", "oracle"),
    ("LOAPI_AUDIT_READS", "lazy"),
    ("LOAPI_AUDIENCE", ""),
    ("LOAPI_RATE_LIMITS", "writes=600/minute"),
    ("LOAPI_AUDIT_BACKLOG", "0"),
    ("LOAPI_AUDIT_BACKLOG_MINUTES", "soon"),
    ("LOAPI_WORKERS", "0"),
    ("LOAPI_WORKERS", "65"),
    ("LOAPI_WORKERS", "two"),
    ("LOAPI_DEMO", "perhaps"),
    ("LOAPI_AUDIENCE", "two words"),
    ("LOAPI_AUDIENCE", "loapi+more"),
    ("LOAPI_ORACLE_SCHEMA", "two words"),
    ("LOAPI_DYNAMODB_TABLE", "a table"),
    ("LOAPI_DYNAMODB_REGION", "Ohio"),
    ("LOAPI_DYNAMODB_ENDPOINT", "somewhere"),
    ("LOAPI_ULP_URL", "http://127.0.0.1:99999/check"),
    ("LOAPI_ULP_HEADER", "X ULP"),
    ("LOAPI_ULP_SECONDS", "nan"),
    ("LOAPI_OIDC_AUDIENCE", "without an issuer"),
    ("LOAPI_RATE_LIMIT_STORAGE", "redis://127.0.0.1:65536/0"),
    ("LOAPI_RATE_LIMITS", "write=600/5 minutes"),
    ("LOAPI_RATE_LIMITS", "write=600/minute,write=700/minute"),
    ("LOAPI_TRUSTED_PROXIES", "10.1.0.0/16,balancer"),
    ("LOAPI_TRUSTED_PROXIES", "10.1.2.3/16"),
    ("LOAPI_AUDIT_BACKLOG", "1e5"),
    ("LOAPI_AUDIT_BACKLOG_MINUTES", "9999999999999"),
    ("LOAPI_LOG_LEVEL", "critical"),
    ("LOAPI_TRACING_AGENT", "http://127.0.0.1:0"),
    ("LOAPI_STATSD", "127.0.0.1:99999"),
]

PYDANTIC = ("Input should", "String should", "Value error", "pattern")
"""What means something to those alone who know the source."""


def documented() -> str:
    return (ROOT / "docs" / "configuration.md").read_text()


def example() -> str:
    return (ROOT / ".env.example").read_text()


def complaint(environment: dict[str, str]) -> list[str]:
    """Give the sentences with which an environment is refused."""
    with pytest.raises(BadSettings) as refused:
        read_settings(environment)
    return str(refused.value).splitlines()


def test_the_table_names_exactly_the_settings() -> None:
    assert [name for name, _ in ROW.findall(documented())] == VARIABLES


def test_the_table_gives_the_defaults() -> None:
    told = {name: default for name, default in ROW.findall(documented()) if default[0] == "`"}
    defaults = Settings().model_dump(mode="json")
    assert told == {name: f"`{defaults[name.removeprefix('LOAPI_').lower()]}`" for name in told}


@pytest.mark.parametrize(
    "name", [name for name, default in Settings() if isinstance(default, StrEnum)]
)
def test_the_table_gives_exactly_the_words_that_a_setting_takes(name: str) -> None:
    (row,) = re.findall(rf"^\| `LOAPI_{name.upper()}` \|.*$", documented(), re.MULTILINE)
    words = set(re.findall(r"(?<!extra )`([A-Za-z]+)`", row))
    assert words == {str(one) for one in type(getattr(Settings(), name))}


def test_the_table_of_limits_gives_the_defaults() -> None:
    assert dict(LIMIT.findall(documented())) == RATE_LIMITS


def test_the_example_names_exactly_the_settings() -> None:
    assert [name for name, _ in EXAMPLE.findall(example())] == VARIABLES


def test_the_example_sets_nothing_until_it_is_changed() -> None:
    assert all(line == "" or line.startswith("#") for line in example().splitlines())


def test_every_setting_of_the_example_is_explained() -> None:
    lines = example().splitlines()
    asked = [index for index, line in enumerate(lines) if EXAMPLE.match(line)]
    assert all(lines[index - 1].startswith("# ") for index in asked)


def test_the_values_of_the_example_are_accepted() -> None:
    given = {name: value for name, value in EXAMPLE.findall(example()) if value}
    assert read_settings(given).env is Env.DEVELOPMENT


def test_nothing_needs_to_be_set() -> None:
    assert read_settings({}) == Settings()


def test_other_programs_variables_are_let_be() -> None:
    assert read_settings({"PATH": "/bin", "LOAPI_TEST_ORACLE_DSN": "there"}) == Settings()


@pytest.mark.parametrize("name", ["LOAPI_WORKER", "LOAPI_", "LOAPI_DATABASE", "LOAPI_URL"])
def test_an_unknown_variable_is_refused_by_name(name: str) -> None:
    (sentence,) = complaint({name: "1"})
    assert sentence.startswith(name)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    (sentence,) = complaint({name: value})
    assert sentence.startswith(f"{name}: ") and sentence.endswith(".")
    assert not [word for word in PYDANTIC if word in sentence]


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_variable_is_refused_and_not_taken_for_one_that_is_left_out(
    name: str, empty: str
) -> None:
    (sentence,) = complaint({name: empty})
    assert sentence == f"{name}: it is empty; give a value, or leave the variable out."


@pytest.mark.parametrize(
    ("value", "told"),
    [("10.1.0.0/16, 10.1.2.3/8", "network 2 has bits"), ("a", "network 1 is none")],
)
def test_of_a_list_of_networks_the_wrong_one_is_told(value: str, told: str) -> None:
    (sentence,) = complaint({"LOAPI_TRUSTED_PROXIES": value})
    assert told in sentence


@pytest.mark.parametrize("port", ["1", "9999", "59999", "64999", "65499", "65529", "65535"])
def test_every_port_is_taken(port: str) -> None:
    given = {"LOAPI_STATSD": f"agent:{port}", "LOAPI_RATE_LIMIT_STORAGE": f"redis://store:{port}/0"}
    assert read_settings(given).statsd == f"agent:{port}"


def test_every_fault_is_told_at_once() -> None:
    sentences = complaint({"LOAPI_ENV": "prod", "LOAPI_WORKERS": "0", "LOAPI_WORKER": "4"})
    assert sorted(sentence.split()[0].rstrip(":") for sentence in sentences) == [
        "LOAPI_ENV", "LOAPI_WORKER", "LOAPI_WORKERS"
    ]


def test_a_complaint_never_shows_the_value() -> None:
    assert "s3cret" not in "".join(complaint({"LOAPI_ENV": "s3cret", "LOAPI_WORKERS": "s3cret"}))


def test_limits_that_are_not_given_keep_their_defaults() -> None:
    limits = read_settings({"LOAPI_RATE_LIMITS": "write=600/minute, client=5/second"}).rate_limits
    assert limits == RATE_LIMITS | {"write": "600/minute", "client": "5/second"}


def test_secrets_do_not_show() -> None:
    settings = read_settings(PRODUCTION)
    secrets = ("LOAPI_SEALING_KEY", "LOAPI_SIGNING_KEY", "LOAPI_DATABASE_URL")
    assert not [name for name in secrets if PRODUCTION[name] in repr(settings)]


def test_production_starts_with_what_it_needs() -> None:
    settings = read_settings(PRODUCTION)
    assert settings.production and not settings.development
    assert settings.url == PRODUCTION["LOAPI_DATABASE_URL"]


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "LOAPI_ENV"])
def test_production_has_no_default_for_what_it_needs(name: str) -> None:
    given = {key: value for key, value in PRODUCTION.items() if key != name}
    (sentence,) = complaint(given)
    assert name in sentence
    assert not [other for other in given if other != "LOAPI_ENV" and other in sentence]


def test_production_names_all_that_is_missing() -> None:
    (sentence,) = complaint({"LOAPI_ENV": "production"})
    assert all(name in sentence for name in PRODUCTION if name != "LOAPI_ENV")


def test_staging_has_no_default_for_keys() -> None:
    (sentence,) = complaint({"LOAPI_ENV": "staging"})
    assert "LOAPI_SEALING_KEY" in sentence and "LOAPI_SIGNING_KEY" in sentence


def test_production_loads_no_demo_data() -> None:
    (sentence,) = complaint(PRODUCTION | {"LOAPI_DEMO": "true"})
    assert sentence.startswith("LOAPI_DEMO: ")
    assert read_settings(PRODUCTION | {"LOAPI_DEMO": "false"}).demo is False
