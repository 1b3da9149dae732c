"""What the Dockerfile makes, built in a folder and run there as an engine would, without one."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import build_stages
from tests.support.build_stages import Stage

ROOT = Path(__file__).parents[2]
TOOLS = ("chroot", "mount", "nsenter", "setpriv", "unshare")
DEVICES = ("null", "zero", "full", "random", "urandom")
PYTHON = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
BUILD_SECONDS = 300
ENTRY_SECONDS = 30

_MOUNTS = """
set -e
mount --bind "$root" "$root"
for each in $machine; do
    mount --bind "$each" "$root$each"
    mount -o remount,bind,ro "$root$each"
done
mount -t proc proc "$root/proc"
for device in $devices; do mount --bind "/dev/$device" "$root/dev/$device"; done
"""

_BUILDING = """
mount --bind "$cache" "$root/var/cache/uv"
exec chroot "$root" env -i --chdir="$folder" "$@"
"""

# The loopback of a fresh network namespace is down: 0x8914 is SIOCSIFFLAGS, 1 is IFF_UP.
_RUNNING = """
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
mount --bind "$home" "$root$home_inside"
mount --bind "$passwd" "$root/etc/passwd"
mount -o remount,bind,ro "$root"
"$python" -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sH22x", b"lo", 1))'
exec chroot "$root" "$@"
"""


def obstacle() -> str | None:
    """Say why this machine cannot make namespaces, if it cannot."""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        return f"needs {', '.join(missing)} (util-linux)"
    if os.geteuid() != 0:
        return "needs root: sudo env PATH=\"$PATH\" uv run pytest tests/fault/test_image_layout.py"
    if not _is_program(_uv()):
        return "needs uv itself, not a script that stands for it: uv run pytest"
    probe = ["unshare", "--mount", "--pid", "--net", "--fork", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        return "this kernel grants no namespaces"
    return None


@dataclass(frozen=True)
class Image:
    """The file system and the settings that the Dockerfile's last stage makes."""

    root: Path
    service: Stage

    @property
    def environment(self) -> dict[str, str]:
        """What it sets."""
        return dict(self.service.environment())

    @property
    def user(self) -> str:
        """The user and the group that it runs as."""
        return self.service.only("USER").rest

    @property
    def home(self) -> str:
        """The one folder that it may write to, beside /tmp."""
        return self.environment["LOAPI_HOME"]

    def files(self) -> dict[str, tuple[int, int, int]]:
        """Give size, mode and time of change of all that is in it."""
        seen = {}
        for path in self.root.rglob("*"):
            status = path.lstat()
            seen[str(path)] = status.st_size, status.st_mode, status.st_mtime_ns
        return seen


def build(folder: Path) -> Image:
    """Run the Dockerfile's build stage, and keep what its last stage takes from it.

    Bytecode is left out, which takes longer than all else and changes nothing that is looked at.
    """
    stages = build_stages.read(ROOT / "Dockerfile")
    build_stage, service = stages["build"], stages["service"]
    made, kept = _skeleton(folder / "build"), _skeleton(folder / "image")
    environment = {**build_stage.environment(), "UV_COMPILE_BYTECODE": "0"}
    (made / environment["UV_CACHE_DIR"].lstrip("/")).mkdir(parents=True)
    place = made
    for each in build_stage.instructions:
        if each.word == "WORKDIR":
            place = made / each.rest.lstrip("/")
            place.mkdir(parents=True)
        elif each.word == "COPY" and not each.flags:
            _copy(*each.plain.split(), place=place)
        elif each.word == "RUN":
            _run(each.plain, made, place, environment)
    for source, target in build_stages.taken(service, "build").items():
        (kept / target.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (made / source.lstrip("/")).rename(kept / target.lstrip("/"))
    image = Image(kept, service)
    (kept / image.home.lstrip("/")).mkdir(parents=True)
    return image


def _skeleton(root: Path) -> Path:
    """Make the folders that the machine's own are mounted on."""
    for name in ("dev", "proc", "tmp", *(folder.lstrip("/") for folder in _machine())):
        (root / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        if Path("/", name).is_symlink():
            (root / name).symlink_to(Path("/", name).readlink())
    for name in DEVICES:
        (root / "dev" / name).touch()
    return root


def _machine() -> list[str]:
    """Name the folders of the machine that stand for the base image."""
    own = [f"/{name}" for name in ("etc", "usr", "bin", "lib", "lib64", "sbin")]
    own = [name for name in own if Path(name).is_dir() and not Path(name).is_symlink()]
    more = [str(folder) for folder in (Path(sys.base_prefix), _uv().parent)]
    return own + [each for each in dict.fromkeys(more) if not each.startswith("/usr")]


def _is_program(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(2) != b"#!"


def _uv() -> Path:
    """Find uv itself, which tells what it runs where it is."""
    return Path(os.environ.get("UV") or shutil.which("uv") or "uv").resolve()


def _copy(*names: str, place: Path) -> None:
    target = place / names[-1]
    for name in names[:-1]:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(source, target)


def _run(line: str, root: Path, place: Path, environment: Mapping[str, str]) -> None:
    cache = subprocess.run([_uv(), "cache", "dir"], capture_output=True, text=True, check=True)
    given = {**environment, "PATH": f"{PYTHON.parent}:{_uv().parent}:/usr/bin:/bin"}
    # What the machine needs to reach the package index, and nothing else of it.
    reach = {name: value for name, value in os.environ.items()
             if name.startswith("SSL_CERT_") or name == "UV_SYSTEM_CERTS"}
    variables = {
        "root": str(root), "cache": cache.stdout.strip(), "folder": f"/{place.relative_to(root)}"
    }
    command = ["unshare", "--mount", "--fork", "--kill-child", "sh", "-c", _MOUNTS + _BUILDING,
               "sh", *_pairs({**reach, **given}), "sh", "-ec", line]
    done = subprocess.run(
        command, env=_outside(variables), capture_output=True, text=True, check=False,
        timeout=BUILD_SECONDS,
    )
    assert done.returncode == 0, f"{line}\n{done.stderr}"


def _outside(variables: Mapping[str, str]) -> dict[str, str]:
    known = {"machine": " ".join(_machine()), "devices": " ".join(DEVICES), "python": str(PYTHON)}
    return {"PATH": os.environ["PATH"], **known, **variables}


def _pairs(environment: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in environment.items()]


@dataclass(frozen=True)
class Container:
    """A process of the image, alone in namespaces of its own."""

    image: Image
    process: "subprocess.Popen[bytes]"
    environment: Mapping[str, str]
    home: Path
    log: Path

    @property
    def pid(self) -> int:
        """Its first process, as the machine counts."""
        outside = self.process.pid
        return int(Path(f"/proc/{outside}/task/{outside}/children").read_text("ascii"))

    def processes(self) -> list[int]:
        """Give all of its processes."""
        found = [self.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (task / "children").read_text("ascii").split())
        return found

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in it, as its user."""
        inside = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--root", "--wd"]
        return subprocess.run(
            [*inside, *_as_user(self.image, self.environment), *command],
            capture_output=True, text=True, timeout=90, check=False,
        )

    def stop(self) -> int:
        """Send it the signal that the image names; give how it ended."""
        name = self.image.service.only("STOPSIGNAL").rest
        os.kill(self.pid, signal.Signals[name])
        return self.process.wait(30)

    def said(self) -> str:
        """Give what it has written to its output."""
        return self.log.read_text("utf-8")


@contextmanager
def run(image: Image, folder: Path, *arguments: str, **variables: str) -> Iterator[Container]:
    """Run a container on a read-only root, with an empty home of its own, until the block ends."""
    home = folder / "home"
    home.mkdir()
    os.chown(home, *map(int, image.user.split(":")))
    environment = {**image.environment, **variables}
    outside = _outside({
        "root": str(image.root), "home": str(home), "home_inside": image.home,
        "passwd": str(_passwd(image, folder)),
    })
    command = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child",
               "sh", "-c", _MOUNTS + _RUNNING, "sh", *_as_user(image, environment),
               *image.service.start(*arguments)]
    log = folder / "log.txt"
    with log.open("wb") as file, subprocess.Popen(
        command, env=outside, stdout=file, stderr=file
    ) as process:
        container = Container(image, process, environment, home, log)
        try:
            _await_inside(container)
            yield container
        finally:
            process.kill()


def _passwd(image: Image, folder: Path) -> Path:
    """Write the machine's users with the one that useradd makes in the image."""
    user, group = image.user.split(":")
    file = folder / "passwd"
    own = f"loapi:x:{user}:{group}::/nonexistent:/usr/sbin/nologin\n"
    file.write_text(Path("/etc/passwd").read_text("utf-8") + own)
    file.chmod(0o644)
    return file


def _await_inside(container: Container) -> None:
    """Wait until its first process is where the image is, and no longer where the machine is."""
    until = time.monotonic() + ENTRY_SECONDS
    while container.process.poll() is None:
        try:
            if Path(f"/proc/{container.pid}/root").readlink() == container.image.root:
                return
        except (OSError, ValueError):
            pass  # not forked yet, or just gone
        assert time.monotonic() < until, container.said()
        time.sleep(0.01)


def _as_user(image: Image, environment: Mapping[str, str]) -> Sequence[str]:
    """Give what runs a command with the image's user, settings and folder, and no rights."""
    user, group = image.user.split(":")
    folder = image.service.only("WORKDIR").rest
    return [
        "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs",
        "--bounding-set=-all", "--inh-caps=-all",
        "env", "-i", f"--chdir={folder}", *_pairs(environment),
    ]
