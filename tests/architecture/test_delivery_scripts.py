"""The scripts of .ci ask docker, AWS and GitHub for what they should; those are stand-ins here."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.sql.deployment.accounts import accounts_sql

ROOT = Path(__file__).parents[2]

PASSWORDS = {
    f"LOAPI_TEST_ORACLE_{name}_PASSWORD": f"for_{name.lower()}"
    for name in ("SYSTEM", "APP", "READER", "AUDITOR", "OWNER")
}

STAND_IN = """#!/usr/bin/env bash
# Notes how it was called and, where it is said so, what it was given; answers from a file.
printf '%s\\n' "$(basename "$0") $*" >>"$NOTES/calls"
case "$*" in *--interactive* | *--input* | *--password-stdin*) cat >>"$NOTES/given" ;; esac
while IFS='|' read -r asked answer; do
    case "$*" in *"$asked"*) printf '%b' "$answer"; exit 0 ;; esac
done <"$NOTES/answers"
"""


class Stage:
    """A folder in which the named programs are stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("docker", "aws", "gh"):
            program = folder / name
            program.write_text(STAND_IN)
            program.chmod(0o755)
        (folder / "answers").touch()

    def answer(self, answers: Mapping[str, str]) -> None:
        """Let a call be answered by the first of these whose words are in it."""
        rows = (f"{asked}|{text}\n" for asked, text in answers.items())
        (self.folder / "answers").write_text("".join(rows))

    def run(
        self, *command: str, environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a script of .ci, where this interpreter's folder has loapi."""
        path = f"{self.folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        given = {**os.environ, **(environment or {}), "PATH": path, "NOTES": str(self.folder)}
        program, script, *others = command
        return subprocess.run(
            [program, str(ROOT / script), *others], cwd=self.folder, env=given,
            capture_output=True, text=True, timeout=120, check=False,
        )

    def calls(self) -> list[str]:
        """Give how the stand-ins were called."""
        return (self.folder / "calls").read_text("utf-8").splitlines()

    def given(self) -> list[str]:
        """Give the lines that they were given."""
        return (self.folder / "given").read_text("utf-8").splitlines()


@pytest.fixture(name="stage")
def a_stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_the_questions_of_the_accounts_script_are_answered_in_their_order(stage: Stage) -> None:
    stage.answer({"sqlplus": "Password: \\n\\nloapi: it is done.\\n\\n"})
    done = stage.run("bash", ".ci/oracle", "db", "FREEPDB1", "accounts", environment=PASSWORDS)
    assert done.returncode == 0, done.stderr
    (script,) = (call for call in stage.calls() if " exec " in call)
    assert script == (
        "docker exec --interactive db sqlplus -L -S system@//localhost:1521/FREEPDB1"
        " @/tmp/loapi/accounts.sql"
    )
    asked = [line.split()[1] for line in accounts_sql().splitlines() if line.startswith("ACCEPT")]
    answers = dict(zip(["logon", *asked], stage.given(), strict=True))
    assert answers == {
        "logon": "for_system", "loapi_tablespace": "", "loapi_quota": "2G",
        "loapi_app_password": "for_app", "loapi_ro_password": "for_reader",
        "loapi_audit_password": "for_auditor", "loapi_migrate_password": "for_owner",
    }


def test_tables_are_made_by_the_account_that_becomes_their_owner(stage: Stage) -> None:
    stage.answer({"sqlplus": "loapi: it is done.\\n"})
    done = stage.run(
        "bash", ".ci/oracle", "db", "XEPDB1", "upgrade", "grants", environment=PASSWORDS
    )
    assert done.returncode == 0, done.stderr
    scripts = [call.split()[-2:] for call in stage.calls() if " exec " in call]
    owner = "LOAPI_MIGRATE[LOAPI_OWNER]@//localhost:1521/XEPDB1"
    assert scripts == [[owner, "@/tmp/loapi/upgrade.sql"], [owner, "@/tmp/loapi/grants.sql"]]
    assert stage.given() == ["for_owner"] * 2
    assert not [call for call in stage.calls() if "for_owner" in call]


def test_a_script_that_does_not_reach_its_end_ends_the_job(stage: Stage) -> None:
    stage.answer({"sqlplus": "loapi: began.\\nORA-01536: space quota exceeded\\n"})
    done = stage.run(
        "bash", ".ci/oracle", "db", "XEPDB1", "upgrade", "grants", environment=PASSWORDS
    )
    assert done.returncode == 1
    assert "upgrade.sql has not run to its end" in done.stderr
    assert not [call for call in stage.calls() if "grants" in call]


def test_an_image_is_named_to_the_deployment_by_its_digest(stage: Stage) -> None:
    digest = f"sha256:{'ab' * 32}"
    (stage.folder / "image.json").write_text(json.dumps({"containerimage.digest": digest}))
    done = stage.run("python3", ".ci/image-definitions", "loapi", "reg/loapi", "image.json")
    assert done.returncode == 0, done.stderr
    told = json.loads((stage.folder / "imagedefinitions.json").read_text("utf-8"))
    assert told == [{"name": "loapi", "imageUri": f"reg/loapi@{digest}"}]


def test_an_image_without_a_digest_is_not_deployed(stage: Stage) -> None:
    (stage.folder / "image.json").write_text(json.dumps({"containerimage.digest": "latest"}))
    done = stage.run("python3", ".ci/image-definitions", "loapi", "reg/loapi", "image.json")
    assert done.returncode == 1
    assert not (stage.folder / "imagedefinitions.json").exists()


def test_the_image_of_a_commit_is_pushed_with_its_attestations(stage: Stage) -> None:
    stage.answer({"get-login-password": "a-password\\n"})
    done = stage.run("bash", ".ci/push-image", "host.example/loapi", "c0ffee")
    assert done.returncode == 0, done.stderr
    assert "docker login --username AWS --password-stdin host.example" in stage.calls()
    assert stage.given() == ["a-password"]
    built = stage.calls()[-1].split()
    assert {"--push", "--sbom=true", "--provenance=mode=max"} <= {*built}
    assert "host.example/loapi:c0ffee" in built


@pytest.mark.parametrize(("status", "code"), [("SUCCEEDED", 0), ("FAILED", 1), ("TIMED_OUT", 1)])
def test_the_workflow_ends_as_codebuild_does(stage: Stage, status: str, code: int) -> None:
    stage.answer({"start-build": "loapi:1\\n", "batch-get-builds": f"{status}\\n"})
    done = stage.run("bash", ".ci/codebuild", "loapi", "c0ffee")
    assert done.returncode == code, done.stderr
    assert "--project-name loapi --source-version c0ffee" in stage.calls()[0]


def test_a_release_names_the_image_that_was_tested(stage: Stage) -> None:
    stage.answer({"imageManifest": "{}\\n", "imageDigest": "sha256:1\\n"})
    done = stage.run("bash", ".ci/name-image", "loapi", "c0ffee", "v1.2.3")
    assert done.returncode == 0, done.stderr
    (put,) = (call for call in stage.calls() if "put-image" in call)
    assert "--image-tag v1.2.3" in put
    assert "loapi:v1.2.3 is sha256:1" in done.stdout


def test_a_release_of_a_commit_without_an_image_is_refused(stage: Stage) -> None:
    stage.answer({"imageManifest": "None\\n"})
    done = stage.run("bash", ".ci/name-image", "loapi", "c0ffee", "v1.2.3")
    assert done.returncode == 1
    assert "has no image c0ffee" in done.stderr
    assert not [call for call in stage.calls() if "put-image" in call]


def test_the_rules_of_review_are_put_in_force_with_the_numbers_of_the_teams(stage: Stage) -> None:
    stage.answer({
        "orgs/loapi/teams/applications": '{"id": 22}',
        "orgs/loapi/teams/api": '{"id": 11}',
        "--method": '{"name": "main", "enforcement": "active"}',
        "repos/loapi/loapi/rulesets": '[{"name": "main", "id": 7}]',
    })
    done = stage.run("python3", ".ci/rulesets", "loapi/loapi")
    assert done.returncode == 0, done.stderr
    sent = json.loads("[" + "".join(stage.given()).replace("}{", "},{") + "]")
    main, releases = sent
    (review,) = (rule for rule in main["rules"] if rule["type"] == "pull_request")
    asked = review["parameters"]["required_reviewers"]
    assert [each["reviewer"]["id"] for each in asked] == [11, 22]
    assert releases["target"] == "tag"
    calls = [call for call in stage.calls() if "--method" in call]
    assert calls == [
        "gh api --method PUT repos/loapi/loapi/rulesets/7 --input -",
        "gh api --method POST repos/loapi/loapi/rulesets --input -",
    ]
