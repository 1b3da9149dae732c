"""A third party judges the live service: Schemathesis with every check, authenticated."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.http.serving import Api, faulty_fields, problem
from tests.support.live import live

ROOT = Path(__file__).parents[2]
SEED = os.environ.get("LOAPI_TEST_SEED", "1")
EXAMPLES = os.environ.get("LOAPI_TEST_EXAMPLES", "12")
MOST_SECONDS = 300


def test_every_check_of_schemathesis_passes(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with live(home) as server:
        key = server.key("prepay")
        variables = {
            "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks", "PYTHONPATH": str(ROOT),
            "JUDGE_KEY": key.key, "JUDGE_KEY_ID": key.key_id,
        }
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")),
                "--config-file", str(ROOT / ".ci" / "schemathesis.toml"),
                "run", f"{server.base}/openapi.json", "--checks", "all", "--mode", "all",
                "--max-examples", EXAMPLES, "--seed", SEED, "--continue-on-failure",
                # Two threads would meet a fault of Python 3.11: ast.parse in one upsets the other.
                "--no-shrink", "--no-color", "--workers", "1",
            ],
            cwd=home, env=os.environ | variables, capture_output=True, text=True,
            timeout=MOST_SECONDS, check=False,
        )
    cases = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    with capsys.disabled():
        print(f"\nSchemathesis, seed {SEED}: {cases[0] if cases else 'no count'}")
    assert done.returncode == 0, done.stdout[-20_000:]
    assert cases is not None and int(cases[1]) > 3_000


@pytest.mark.parametrize("sort", ["", ",", "name,", ",name", "name,,country"])
def test_an_order_with_an_empty_part_is_refused(memory_api: Api, sort: str) -> None:
    answer = memory_api.as_().get("/country", params={"sort": sort})
    assert set(faulty_fields(problem(answer, 400, "invalid-parameter"))) == {"sort"}
