"""What is delivered beside the code: workflows, image, compose file, rules of review, build."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import build_stages
from tests.support.build_stages import Stage

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))

ACTION = re.compile(r"[\w.-]+/[\w.-]+(/[\w./-]+)?@[0-9a-f]{40}")
USES = re.compile(r"^\s*(?:- )?uses:\s*(?P<what>\S+)(?P<rest>.*)$", re.MULTILINE)
VERSION = re.compile(r"\s+# v\d+\.\d+\.\d+")
DIGEST = re.compile(r"\S+@sha256:[0-9a-f]{64}")
UV_IMAGE = re.compile(r"ghcr\.io/astral-sh/uv:(\d+\.\d+\.\d+)@")

WRITES = {
    ("image.yml", "publish"): {"id-token"},
    ("release.yml", "image"): {"id-token"},
    ("release.yml", "publish"): {"contents"},
}
"""What jobs may write; id-token lets a job become a role at AWS."""

LONGEST_MINUTES = 90


def load(text: str) -> Any:
    """Read YAML with every scalar as text, so that `on` is no truth value and 3.10 no number."""
    return yaml.load(text, yaml.BaseLoader)


def workflow_faults(name: str, text: str) -> list[str]:
    """Name what makes a workflow less safe than it should be."""
    workflow = load(text)
    return [
        *use_faults(text),
        *trigger_faults(workflow),
        *(fault for job, facts in workflow["jobs"].items() for fault in job_faults(job, facts)),
        *permission_faults(name, workflow),
    ]


def use_faults(text: str) -> Iterator[str]:
    """Name the actions that are not pinned to a commit, or do not tell its version."""
    for found in USES.finditer(text):
        if not ACTION.fullmatch(found["what"]) or not VERSION.fullmatch(found["rest"]):
            yield f"{found['what']} is not pinned"
    if re.search(r"\$\{\{[^}]*\bsecrets\b", text):
        yield "a stored secret"


def trigger_faults(workflow: Mapping[str, Any]) -> Iterator[str]:
    """Name triggers that give strangers' code our rights, and a missing bound of runs."""
    if {"pull_request_target", "workflow_run"} & {*workflow["on"]}:
        yield "a trigger with the rights of main for code of others"
    if not workflow.get("concurrency", {}).get("group"):
        yield "no concurrency group"


def job_faults(name: str, job: Mapping[str, Any]) -> Iterator[str]:
    """Name what is wrong with a job."""
    if not 0 < int(job.get("timeout-minutes", 0)) <= LONGEST_MINUTES:
        yield f"{name} has no time limit"
    if not re.search(r"-\d", job["runs-on"]):
        yield f"{name} runs on whatever is latest"
    for service in job.get("services", {}).values():
        if not DIGEST.fullmatch(service["image"]):
            yield f"{service['image']} is not pinned"
    for step in job["steps"]:
        if "${{" in step.get("run", ""):
            yield f"{name} has an expression in a script"
        checks_out = step.get("uses", "").startswith("actions/checkout@")
        if checks_out and step.get("with", {}).get("persist-credentials") != "false":
            yield f"{name} keeps the token in its checkout"


def permission_faults(file: str, workflow: Mapping[str, Any]) -> Iterator[str]:
    """Name rights beyond the least."""
    if workflow.get("permissions") != {}:
        yield "rights for every job"
    for name, job in workflow["jobs"].items():
        rights = job.get("permissions")
        if rights is None:
            yield f"{name} does not say its rights"
            continue
        writes = {right for right, degree in rights.items() if degree == "write"}
        if writes - WRITES.get((file, name), set()):
            yield f"{name} may write {writes}"
        if "id-token" in writes and "environment" not in job:
            yield f"{name} becomes an AWS role outside an environment"


GOOD = """
on: {pull_request: }
permissions: {}
concurrency: {group: x}
jobs:
  one:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: {contents: read}
    services: {db: {image: "db:1@sha256:%(digest)s"}}
    steps:
      - uses: actions/checkout@%(sha)s # v7.0.1
        with: {persist-credentials: "false"}
      - run: test "$REF"
        env: {REF: "${{ github.head_ref }}"}
""" % {"sha": "0" * 40, "digest": "0" * 64}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_pinned_actions_least_rights_and_bounds(path: Path) -> None:
    assert not workflow_faults(path.name, path.read_text("utf-8"))


def test_a_good_workflow_has_no_fault() -> None:
    assert not workflow_faults("x.yml", GOOD)


@pytest.mark.parametrize(("good", "bad"), [
    ("0" * 40 + " #", "v7 #"),
    ("0" * 40 + " # v7.0.1", "0" * 40),
    ("pull_request", "pull_request_target"),
    ("pull_request", "workflow_run"),
    ("permissions: {}", "permissions: read-all"),
    ("permissions: {}", ""),
    ("{contents: read}", "{contents: write}"),
    ("{contents: read}", "{id-token: write}"),
    ("    permissions: {contents: read}\n", ""),
    ("concurrency: {group: x}", ""),
    ("    timeout-minutes: 5\n", ""),
    ("ubuntu-24.04", "ubuntu-latest"),
    ('persist-credentials: "false"', 'fetch-depth: "0"'),
    ("$REF", "${{ github.event.pull_request.title }}"),
    ("github.head_ref", "secrets.AWS_SECRET_ACCESS_KEY"),
    ("@sha256:" + "0" * 64, ""),
])
def test_a_bad_workflow_has_a_fault(good: str, bad: str) -> None:
    assert good in GOOD
    assert workflow_faults("x.yml", GOOD.replace(good, bad, 1))


def workflow(name: str) -> Any:
    """Read a workflow of ours."""
    return load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text("utf-8"))


def runs(job: Mapping[str, Any]) -> str:
    """Give all that the steps of a job run."""
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_an_action_has_the_same_commit_wherever_it_is_used() -> None:
    used = {found["what"] for path in WORKFLOWS for found in USES.finditer(path.read_text("utf-8"))}
    assert len(used) == len({what.partition("@")[0] for what in used})


def test_pull_requests_pass_lint_types_and_tests_on_every_python_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    check = workflow("check")
    versions = check["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    assert project["requires-python"] == f">={versions[0]}"
    assert "pull_request" in check["on"]
    assert "bash .ci/check" in runs(check["jobs"]["lint"])
    assert "pytest" in runs(check["jobs"]["test"])
    assert "bash .ci/delivery" in runs(check["jobs"]["delivery"])
    assert check["env"] == {"UV_FROZEN": "1"}


def test_oracle_is_asked_for_every_pull_request_and_the_older_one_every_night() -> None:
    oracle = workflow("oracle")
    assert {"pull_request", "schedule"} <= {*oracle["on"]}
    free, older = oracle["jobs"]["free"], oracle["jobs"]["xe"]
    assert "/oracle-free:23-" in free["services"]["oracle"]["image"] and "if" not in free
    assert "/oracle-xe:21-" in older["services"]["oracle"]["image"]
    assert older["if"] == "github.event_name != 'pull_request'"
    for job in (free, older):
        assert {*job["services"]["oracle"]["env"]} == {"ORACLE_PASSWORD"}, "an account of its own"
        assert "bash .ci/oracle-contract" in runs(job)


def test_aws_is_reached_by_oidc_and_codebuild_only_from_main() -> None:
    publish = workflow("image")["jobs"]["publish"]
    assert publish["if"] == "github.event_name == 'push'"
    assert workflow("image")["on"]["push"] == {"branches": ["main"]}
    assert publish["needs"] == "build"
    assert "bash .ci/codebuild" in runs(publish)
    (login,) = (step for step in publish["steps"] if "configure-aws" in step.get("uses", ""))
    assert {"role-to-assume", "aws-region"} <= {*login["with"]}
    assert not {"aws-access-key-id", "aws-secret-access-key"} & {*login["with"]}


# The image


def image_faults(stages: Mapping[str, Stage]) -> list[str]:
    """Name what makes an image less safe than it should be."""
    last = [*stages.values()][-1]
    every = [each for stage in stages.values() for each in stage.instructions]
    faults = [f"{stage.base} is not pinned" for stage in stages.values()
              if stage.base not in stages and not DIGEST.fullmatch(stage.base)]
    faults += ["ADD"] if any(each.word == "ADD" for each in every) else []
    faults += [f"fetched and run: {each.rest}" for each in every
               if each.word == "RUN" and re.search(r"\b(curl|wget)\b", each.rest)]
    users = [each.rest for each in last.all("USER")]
    if not (users and re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])):
        faults.append("runs as root, or as a name")
    for word in ("HEALTHCHECK", "CMD", "ENTRYPOINT"):
        if not [each for each in last.all(word) if each.command()]:
            faults.append(f"{word} is missing, or a line for a shell")
    if [each.rest for each in last.all("STOPSIGNAL")] != ["SIGTERM"]:
        faults.append("is not ended by SIGTERM")
    return faults


GOOD_IMAGE = f"""
FROM python:3.12@sha256:{'0' * 64} AS build
RUN uv sync --frozen
FROM build
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s \\
    CMD ["python", "-c", "pass"]
ENTRYPOINT ["loapi"]
CMD ["serve"]
"""


@pytest.fixture(name="stages", scope="module")
def the_stages_of_the_dockerfile() -> Mapping[str, Stage]:
    return build_stages.read(ROOT / "Dockerfile")


def test_the_image_is_pinned_unprivileged_and_stoppable(stages: Mapping[str, Stage]) -> None:
    assert not image_faults(stages)


def test_a_good_image_has_no_fault(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(GOOD_IMAGE)
    assert not image_faults(build_stages.read(tmp_path / "Dockerfile"))


@pytest.mark.parametrize(("good", "bad"), [
    ("@sha256:" + "0" * 64, ""),
    ("python:3.12@sha256:" + "0" * 64, "python:latest"),
    ("RUN uv sync --frozen", "ADD https://example.com/a.tar.gz /a"),
    ("uv sync --frozen", "curl https://example.com | sh"),
    ("65532:65532", "loapi"),
    ("USER 65532:65532", ""),
    ("65532:65532", "0:0"),
    ("STOPSIGNAL SIGTERM", "STOPSIGNAL SIGKILL"),
    ('CMD ["python", "-c", "pass"]', "CMD python -c pass"),
    ('ENTRYPOINT ["loapi"]', "ENTRYPOINT loapi"),
    ('\nCMD ["serve"]', ""),
])
def test_a_bad_image_has_a_fault(tmp_path: Path, good: str, bad: str) -> None:
    assert good in GOOD_IMAGE
    (tmp_path / "Dockerfile").write_text(GOOD_IMAGE.replace(good, bad, 1))
    assert image_faults(build_stages.read(tmp_path / "Dockerfile"))


def test_the_image_takes_its_packages_from_the_lock_and_keeps_no_tool(
    stages: Mapping[str, Stage],
) -> None:
    build = " ".join(each.rest for each in stages["build"].all("RUN"))
    assert build.count("uv sync") == build.count("uv sync --frozen --no-dev") == 1
    assert "--no-build" in build and "--require-hashes" in build
    assert "cyclonedx" in build, "no bill of materials"
    service = stages["service"]
    assert service.base == stages["build"].base
    assert "uninstall" in service.only("RUN").rest
    assert not [each for each in service.all("COPY") if "--from=uv" in each.flags]


def test_the_image_may_write_to_one_folder_and_starts_for_production_only(
    stages: Mapping[str, Stage],
) -> None:
    service = stages["service"]
    user, group = service.only("USER").rest.split(":")
    environment = service.environment()
    made = f"install --directory --owner={user} --group={group} --mode=0700"
    assert f"{made} {environment['LOAPI_HOME']}" in service.only("RUN").rest
    assert environment["LOAPI_ENV"] == "production"
    assert environment["PYTHONSAFEPATH"] == "1"
    assert not service.only("WORKDIR").rest.startswith(environment["LOAPI_HOME"])


def test_the_build_sees_only_what_it_copies(stages: Mapping[str, Stage]) -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    seen = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied = {name for stage in stages.values() for name in build_stages.sources(stage)}
    assert seen == copied
    assert all((ROOT / name).exists() for name in copied)


def test_uv_has_one_version_wherever_something_is_delivered(stages: Mapping[str, Stage]) -> None:
    found = UV_IMAGE.match(stages["uv"].base)
    assert found
    spec = load((ROOT / "buildspec.yml").read_text("utf-8"))
    versions = {found[1], spec["env"]["variables"]["UV_VERSION"]}
    for path in WORKFLOWS:
        for job in load(path.read_text("utf-8"))["jobs"].values():
            versions |= {step["with"]["version"] for step in job["steps"]
                         if "setup-uv@" in step.get("uses", "")}
    assert len(versions) == 1


# The laptop


@pytest.fixture(name="services", scope="module")
def the_services_of_the_compose_file() -> Mapping[str, Any]:
    found: Mapping[str, Any] = load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    return found


def test_a_laptop_has_oracle_dynamodb_and_valkey(services: Mapping[str, Any]) -> None:
    assert {*services} == {"loapi", "oracle", "dynamodb", "valkey"}
    assert "build" in services["loapi"]
    for name in services.keys() - {"loapi"}:
        assert DIGEST.fullmatch(services[name]["image"]), name


def test_services_are_sealed_or_say_why_they_are_not(services: Mapping[str, Any]) -> None:
    for name, service in services.items():
        if len(service.get("x-unsealed", "")) > 40:
            continue
        assert service["read_only"] == "true", name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert [name for name in services if "x-unsealed" in services[name]] == ["oracle"]


def test_services_are_bounded_and_reached_from_this_machine_only(
    services: Mapping[str, Any],
) -> None:
    for name, service in services.items():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"]), name
        assert service["mem_limit"], name
        assert service.get("privileged") is None, name


def test_the_laptop_and_ci_ask_the_same_oracle(services: Mapping[str, Any]) -> None:
    job = workflow("oracle")["jobs"]["free"]
    assert services["oracle"]["image"] == job["services"]["oracle"]["image"]


def test_the_laptop_gives_the_service_the_folder_that_the_image_writes_to(
    services: Mapping[str, Any], stages: Mapping[str, Stage]
) -> None:
    home = stages["service"].environment()["LOAPI_HOME"]
    assert services["loapi"]["volumes"] == [f"home:{home}"]
    assert f"{home}/" in services["loapi"]["environment"]["LOAPI_DATABASE_URL"]


# Two reviewers


def owners() -> Mapping[str, Sequence[str]]:
    """Give who owns what, a pattern a line."""
    lines = (ROOT / ".github" / "CODEOWNERS").read_text("utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {row[0]: row[1:] for row in rows}


def rules(name: str) -> Mapping[str, Any]:
    """Give the parameters of a ruleset by the types of its rules."""
    ruleset = json.loads((ROOT / ".github" / "rulesets" / f"{name}.json").read_text("utf-8"))
    assert ruleset["enforcement"] == "active"
    assert ruleset["bypass_actors"] == []
    return {rule["type"]: rule.get("parameters", {}) for rule in ruleset["rules"]}


def test_two_teams_own_everything() -> None:
    assert "*" in owners()
    for pattern, teams in owners().items():
        assert len({*teams}) == 2, pattern
        assert all(re.fullmatch(r"@[\w-]+/[\w-]+", team) for team in teams), pattern


def test_main_takes_what_one_of_each_team_has_approved() -> None:
    review = rules("main")["pull_request"]
    assert review["required_approving_review_count"] == 2
    assert review["require_code_owner_review"]
    assert review["require_last_push_approval"]
    assert review["dismiss_stale_reviews_on_push"]
    asked = review["required_reviewers"]
    assert {each["reviewer"]["id"] for each in asked} == {
        team.partition("/")[2] for team in owners()["*"]
    }
    assert len(asked) == 2
    for each in asked:
        assert each["minimum_approvals"] == 1
        assert each["file_patterns"] == ["*", "**/*"]
    assert {"deletion", "non_fast_forward"} <= {*rules("main")}


def test_main_takes_what_every_check_of_pull_requests_has_passed() -> None:
    checks = rules("main")["required_status_checks"]
    assert checks["strict_required_status_checks_policy"]
    asked = {each["context"] for each in checks["required_status_checks"]}
    assert asked == {name for path in WORKFLOWS for name in names_of_checks(path)}


def names_of_checks(path: Path) -> Iterator[str]:
    """Give what a workflow's jobs are called where they run for pull requests."""
    found = load(path.read_text("utf-8"))
    if "pull_request" not in found["on"]:
        return
    for job in found["jobs"].values():
        for version in job.get("strategy", {}).get("matrix", {}).get("python", [""]):
            if "if" not in job:
                yield job["name"].replace("${{ matrix.python }}", version)


def test_a_release_stays_what_it_was() -> None:
    assert {"deletion", "non_fast_forward", "update"} <= {*rules("releases")}


def test_a_pull_request_is_asked_what_reviewers_want_to_know() -> None:
    template = (ROOT / ".github" / "pull_request_template.md").read_text("utf-8")
    assert template.count("- [ ]") >= 3
    assert "each team" in template


# What people run


def test_commits_pass_the_checks_of_ci_from_the_locked_environment() -> None:
    (repo,) = load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    hooks = {hook["id"]: hook for hook in repo["hooks"]}
    assert repo["repo"] == "local"
    assert {"isort", "autopep8", "pylint", "mypy", "unit"} <= {*hooks}
    shared = (ROOT / ".ci" / "check").read_text("utf-8")
    assert "uv run --frozen" in shared
    for hook in hooks.values():
        command, script, name = hook["entry"].split()
        assert (command, script) == ("bash", ".ci/check")
        assert re.search(rf"^    {re.escape(name)}\) locked ", shared, re.MULTILINE), name
        assert hook["language"] == "system"


def test_contributing_tells_how_to_check_and_who_reviews() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    script = (ROOT / ".ci" / "delivery").read_text("utf-8")
    commands = [line for line in script.splitlines() if re.match(r"uvx|npx|grep", line)]
    assert len(commands) == 7
    for line in commands:
        assert f"    {line}\n" in told, line
    assert "two" in told and "teams" in told and "CODEOWNERS" in told


def test_every_script_is_named_where_it_is_told_how_to_use_it() -> None:
    told = (ROOT / "docs" / "delivery.md").read_text("utf-8")
    told += (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    scripts = [path for path in (ROOT / ".ci").iterdir() if path.read_bytes().startswith(b"#!")]
    assert len(scripts) > 5
    for path in scripts:
        assert f".ci/{path.name}" in told, path.name


def test_dependabot_waits_before_it_proposes() -> None:
    updates = load((ROOT / ".github" / "dependabot.yml").read_text("utf-8"))["updates"]
    asked = {each["package-ecosystem"]: each for each in updates}
    assert {*asked} == {"github-actions", "uv", "docker", "docker-compose"}
    for each in updates:
        assert int(each["cooldown"]["default-days"]) >= 7
        assert each["schedule"]["interval"] == "weekly"


# CodeBuild


def test_codebuild_tests_builds_pushes_and_tells_the_deployment() -> None:
    spec = load((ROOT / "buildspec.yml").read_text("utf-8"))
    phases = {name: "\n".join(phase["commands"]) for name, phase in spec["phases"].items()}
    assert [*phases] == ["install", "pre_build", "build", "post_build"]
    assert "bash .ci/run" in phases["pre_build"]
    assert "bash .ci/push-image" in phases["build"]
    first, *others = phases["post_build"].splitlines()
    assert first == 'test "$CODEBUILD_BUILD_SUCCEEDING" = 1'
    assert any(".ci/image-definitions" in line for line in others)
    assert "imagedefinitions.json" in spec["artifacts"]["files"]
    assert all(phase["on-failure"] == "ABORT" for phase in spec["phases"].values())


def test_the_pushed_image_carries_its_bill_of_materials_and_its_provenance() -> None:
    words = shlex.split((ROOT / ".ci" / "push-image").read_text("utf-8"), comments=True)
    assert {"--sbom=true", "--provenance=mode=max", "--push"} <= {*words}
