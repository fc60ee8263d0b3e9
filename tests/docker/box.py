"""A process in an image, confined as an engine would confine it, where there is no engine."""

import contextlib
import errno
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Its own mounts: the image read-only, /tmp in memory, a fresh /proc. Then the image's user, and no way back.
_CONFINE = """
set -e
hostname "$BOX_NAME"
mount --make-rprivate /
mount --bind "$BOX_ROOT" "$BOX_ROOT"
mount -o remount,bind,ro "$BOX_ROOT"
mount -t proc proc "$BOX_ROOT/proc"
mount -t tmpfs tmpfs "$BOX_ROOT/tmp"
mount --rbind /dev "$BOX_ROOT/dev"
exec setpriv --no-new-privs chroot --userspec="$BOX_USER" --groups= "$BOX_ROOT" \\
    /usr/bin/env --chdir="$BOX_FOLDER" PATH="$BOX_PATH" "$@"
"""
_CHILD_SECONDS = 5.0


def buildah(*words: str) -> str:
    """Runs a command of buildah; returns what it printed."""
    return subprocess.run(["buildah", *words], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


class BoxError(Exception):
    """The one sentence that says why a process in an image is not as it should be."""


@dataclass(frozen=True)
class Role:
    """What an image runs and how its health is checked, where that is not what the image says."""

    command: Sequence[str] = ()
    health: Sequence[str] = ()


OWN_ROLE = Role()


@dataclass(frozen=True)
class Box:
    """A running image."""

    process: subprocess.Popen[bytes]  #: `unshare`, whose only child is the image's process 1
    pid: int
    user: str  #: `uid:gid`, as the image says
    check: Sequence[str]  #: as in a HEALTHCHECK: CMD or CMD-SHELL, then the words
    env: Mapping[str, str]
    output: Path

    @classmethod
    @contextmanager
    def of(cls, name: str, image: str, settings: Mapping[str, str], role: Role = OWN_ROLE) -> "Iterator[Box]":
        """Runs the image on a host of this name; kills it in the end if it still runs."""
        container = buildah("from", "--pull-never", image)
        output = Path(tempfile.mkstemp(prefix=f"{name}-", suffix=".log")[1])
        try:
            config = json.loads(buildah("inspect", "--type", "image", image))["Docker"]["config"]
            words = [*config["Entrypoint"], *(role.command or config.get("Cmd") or ())]
            check = role.health or tuple(config["Healthcheck"]["Test"])
            env = dict(pair.split("=", 1) for pair in config["Env"]) | dict(settings)
            box_env = {
                "BOX_NAME": name,
                "BOX_ROOT": buildah("mount", container),
                "BOX_USER": config["User"],
                "BOX_FOLDER": config["WorkingDir"],
                "BOX_PATH": env["PATH"],
            }
            process = _start(words, env | box_env | {"PATH": os.environ["PATH"]}, output)
            pid = _only_child(process)
            try:
                yield cls(process, pid, config["User"], check, env, output)
            finally:
                if process.poll() is None:
                    os.kill(pid, signal.SIGKILL)
                process.wait()
        finally:
            buildah("rm", container)

    def healthy(self) -> bool:
        """Runs the image's health check beside its process."""
        if self.process.poll() is not None:
            raise BoxError(f"It ended at once with exit code {self.process.returncode}: see {self.output}.")
        kind, *words = self.check
        return self._beside(["/bin/sh", "-c", *words] if kind == "CMD-SHELL" else words, self.user) == 0

    def confinement(self) -> str:
        """What holds the process, as the kernel tells it; raises BoxError unless that is enough."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
        users, capabilities = set(status["Uid"]), int(status["CapEff"][0], 16)
        if users != {self.user.partition(":")[0]} or capabilities or status["NoNewPrivs"] != ["1"]:
            raise BoxError(f"Process {self.pid} has user {users} and capabilities {capabilities:x}.")
        code = f"try: open('/srv/written', 'w')\nexcept OSError as e: raise SystemExit(e.errno != {errno.EROFS})"
        if self._beside(["python", "-c", f"{code}\nraise SystemExit(1)"], "0:0") != 0:
            raise BoxError("Its root can be written to.")
        return f"user {', '.join(users)}, no capabilities, read-only root"

    def stop(self, patience_seconds: float) -> tuple[float, int]:
        """Sends SIGTERM to the process; returns the seconds until its end, and its exit code."""
        began = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        try:
            code = self.process.wait(patience_seconds)
        except subprocess.TimeoutExpired as error:
            raise BoxError(f"It still runs {patience_seconds:.0f} s after SIGTERM: see {self.output}.") from error
        self.output.unlink()
        return time.monotonic() - began, code

    def _beside(self, words: list[str], user: str) -> int:
        """Runs a command in the same box; returns its exit code."""
        uid, _, gid = user.partition(":")
        inside = ["nsenter", "--target", str(self.pid), "--mount", "--pid", "--uts", "--root", "--wd"]
        with self.output.open("ab") as output:
            return subprocess.run(
                [*inside, "--setuid", uid, "--setgid", gid, *words],
                env=self.env,
                stdout=output,
                stderr=output,
                check=False,
            ).returncode


def _start(words: list[str], env: Mapping[str, str], output: Path) -> subprocess.Popen[bytes]:
    namespaces = ["unshare", "--mount", "--pid", "--uts", "--fork"]
    with output.open("wb") as log:
        return subprocess.Popen(
            [*namespaces, "sh", "-c", _CONFINE, "sh", *words],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _only_child(process: subprocess.Popen[bytes]) -> int:
    """The process 1 of the box, by its number out here."""
    deadline = time.monotonic() + _CHILD_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == process.pid:
                    return int(folder.name)
        time.sleep(0.02)
    raise BoxError("The process did not start; a sandbox may refuse it namespaces of its own.")
