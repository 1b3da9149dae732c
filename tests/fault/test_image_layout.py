"""What the Dockerfile makes starts on a read-only tree, as its user, and writes where it should."""

import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault.drill import wait_for
from tests.support import image as images
from tests.support.image import Container, Image
from tests.support.in_time import PATIENCE

OBSTACLE = images.obstacle()
pytestmark = pytest.mark.skipif(OBSTACLE is not None, reason=str(OBSTACLE))

ROOM_BYTES = 1 << 30

READY = """
import http.client, time
until = time.monotonic() + 180
while time.monotonic() < until:
    try:
        asked = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
        asked.request("GET", "/health/ready")
        if asked.getresponse().status == 200:
            raise SystemExit(0)
    except OSError:
        pass
    time.sleep(0.1)
raise SystemExit("not ready in time")
"""

REFUSED = "import errno, sys\ntry:\n    open(sys.argv[1], 'w')\nexcept OSError as error:\n" \
    "    print(errno.errorcode[error.errno])\n"


def memory() -> str | None:
    """Give a folder in memory that has room for the image, if there is one: disks can be slow."""
    shared = "/dev/shm"
    if not os.path.isdir(shared):
        return None
    status = os.statvfs(shared)
    fits = status.f_bavail * status.f_frsize > ROOM_BYTES and not status.f_flag & os.ST_NOEXEC
    return shared if fits else None


@pytest.fixture(name="folder", scope="module")
def a_folder_that_the_user_can_enter() -> Iterator[Path]:
    # pytest's own folder is root's alone, and the user of the image has to get through.
    with tempfile.TemporaryDirectory(prefix="loapi-image-", dir=memory()) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(name="image", scope="module")
def an_image(folder: Path) -> Image:
    return images.build(folder)


@pytest.fixture(name="place")
def a_place(folder: Path, request: pytest.FixtureRequest) -> Path:
    place = folder / str(request.node.name)
    place.mkdir()
    return place


def healthy(container: Container) -> int:
    """Run what the image's HEALTHCHECK runs; give its exit status."""
    command = container.image.service.only("HEALTHCHECK").command() or []
    return container.run(*command).returncode


def rights(pid: int) -> dict[str, str]:
    """Tell who a process is, and what it may do."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    facts = dict(line.split(":", 1) for line in lines)
    wanted = ("Uid", "Gid", "Groups", "CapPrm", "CapEff", "CapBnd", "NoNewPrivs")
    return {name: " ".join(facts[name].split()) for name in wanted}


def test_it_serves_as_its_user_on_a_read_only_root_and_ends_at_sigterm(
    image: Image, place: Path
) -> None:
    before = image.files()
    with images.run(image, place, LOAPI_ENV="development") as container:
        ready = container.run("python", "-c", READY)
        assert ready.returncode == 0, ready.stderr + container.said()
        assert healthy(container) == 0
        for pid in container.processes():
            assert rights(pid) == {
                "Uid": " ".join(["65532"] * 4), "Gid": " ".join(["65532"] * 4), "Groups": "",
                "CapPrm": "0" * 16, "CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1",
            }
        assert len(container.processes()) > 1, "the relay runs beside the server"
        for path in ("/opt/loapi/new", "/etc/new", "/new"):
            assert container.run("python", "-c", REFUSED, path).stdout.strip() == "EROFS"
        checked = container.run("loapi", "check")
        assert checked.returncode == 0, checked.stderr
        wait_for((container.home / "checkpoints.txt").exists, PATIENCE, "the relay sealed nothing")
        assert container.run("ls", "-A", "/tmp").stdout == ""
        assert container.stop() == 0, container.said()
    assert image.files() == before
    kept = {path.name for path in container.home.iterdir()}
    assert {"loapi.db", "sealing.key", "signing.key", "checkpoints.txt"} <= kept


def test_without_settings_it_names_those_that_are_missing_and_ends(
    image: Image, place: Path
) -> None:
    with images.run(image, place) as container:
        assert container.process.wait(PATIENCE) == 2
    assert "Production has no default for LOAPI_DATABASE_URL" in container.said()
    assert not list(container.home.iterdir())


def test_its_health_check_fails_where_nothing_serves(image: Image, place: Path) -> None:
    with images.run(image, place, "audit", "relay", LOAPI_ENV="development") as container:
        assert healthy(container) == 1
        assert container.process.poll() is None, container.said()


def test_its_user_can_change_nothing_of_it_and_it_installs_nothing(image: Image) -> None:
    own = [path for path in (image.root / "opt").rglob("*") if not path.is_symlink()]
    loose = [path for path in own
             if path.lstat().st_uid != 0 or path.lstat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)]
    assert own and not loose
    (modules,) = (image.root / "opt").rglob("site-packages")
    present = {path.name for path in modules.iterdir()}
    assert "entrypoints" in present
    assert not present & {"pip", "uv", "setuptools", "hatchling", "pytest", "tests"}


def test_its_bill_of_materials_names_what_is_installed(image: Image) -> None:
    (found,) = image.root.rglob("sbom.cdx.json")
    listed = json.loads(found.read_bytes())["components"]
    bill = {(each["name"], each["version"]) for each in listed}
    parts = (path.stem.rsplit("-", 1) for path in image.root.rglob("*.dist-info"))
    installed = {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in parts}
    assert len(installed) > 30
    assert installed - bill <= {("loapi", "0.1.0")}
