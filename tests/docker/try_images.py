"""Builds the images with buildah and tries them out: what `make images` runs. Needs Linux, buildah and root.

No engine is needed: each image's own command runs as its process 1, with the image as its root, read-only, as the
image's user and without any privilege. Redis runs beside them, and none of them has a network but the loopback one
that they share. They place a call, then get SIGTERM.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from docker.local.embedded_redis import command, find_server
from docker.local.environment import FAKE_ACCOUNT, StartError
from tests.docker.box import OWN_ROLE, Box, BoxError, Role, buildah
from tests.processes import ROOT

TARGETS = ("web", "worker", "flower", "simulator")
#: The base that --debootstrap makes, for a machine that reaches Debian's packages and no registry of images.
OWN_BASE = "localhost/celery-twilio-api-base"
DEBIAN = ("bookworm", "python3,python3-pip,python3-venv,ca-certificates")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
TOOLS = ("buildah", "chroot", "ip", "nsenter", "setpriv", "unshare")
#: So that the images' ports are free, and the images on their own.
OWN_NETWORK = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
WEB_PORT, METRICS_PORT, SIMULATOR_PORT, REDIS_PORT = 8001, 8002, 8010, 6379
START_SECONDS, CALL_SECONDS, STOP_SECONDS = 40.0, 40.0, 10.0


def make_base() -> str:
    """Debian with Python, as an image, unless an earlier run left it here."""
    if OWN_BASE not in buildah("images", "--format", "{{.Name}}").splitlines():
        with tempfile.TemporaryDirectory() as folder:
            release, packages = DEBIAN
            words = ["debootstrap", "--variant=minbase", f"--include={packages}", release, folder]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
            for archive in Path(folder, "var/cache/apt/archives").glob("*.deb"):
                archive.unlink()
            container = buildah("from", "scratch")
            buildah("add", "--quiet", container, folder, "/")
            buildah("commit", "--quiet", "--rm", container, OWN_BASE)
    return OWN_BASE


def build(target: str, base: str | None) -> str:
    """Builds one target; returns the image's name."""
    name = f"localhost/celery-twilio-api-{target}"
    print(f"building {name}", flush=True)
    words = ["build", "--isolation", "chroot", "--format", "docker", "--layers", "--quiet"]
    words += ["--file", "docker/Dockerfile", "--ignorefile", "docker/Dockerfile.dockerignore", "--target", target]
    words += ["--build-arg", f"BASE={base}"] if base else []
    # A machine whose way out is watched over by a proxy has the proxy's certificate among these.
    words += ["--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"] if CERTIFICATES.exists() else []
    buildah(*words, "--tag", name, str(ROOT))
    return name


def build_all(base: str | None) -> None:
    names = [build(target, base) for target in TARGETS]
    images = json.loads(buildah("images", "--json"))
    sizes = {name.rpartition(":")[0]: image["size"] for image in images for name in image.get("names") or ()}
    for name in [*([base] if base in sizes else []), *names]:
        print(f"{name:40} {sizes[name]}", flush=True)


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis of its own, beside the images; gives its URL."""
    server = find_server()
    if server is None:
        raise StartError("No Redis found: install redis-server or valkey-server.")
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(command(server, REDIS_PORT, Path(folder)), stdout=subprocess.DEVNULL)
        try:
            yield f"redis://127.0.0.1:{REDIS_PORT}/0"
        finally:
            process.terminate()
            process.wait()


def ask(path: str, body: dict[str, Any] | None = None, port: int = WEB_PORT) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"http://127.0.0.1:{port}{path}", data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:  # noqa: S310 - the address is this machine's
        return dict(json.load(answer))


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Seconds until the condition held; raises StartError when it does not in time."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            if condition():
                return time.monotonic() - began
        except URLError:
            pass
        time.sleep(0.2)
    raise StartError(f"Not within {seconds:.0f} s: {what}.")


def place_call() -> None:
    """Through the web tier and a worker to the simulator, which must have got it once."""
    api = "/api/v1/celery/twilio"
    task_id = ask(f"{api}/queue-single-call", {"to_number": "+12025550100"})["task_id"]

    def ended() -> bool:
        status = ask(f"{api}/task-status/{task_id}")
        return bool(status["status"] == "SUCCESS" and status["result"]["call_status"] == "completed")

    seconds = wait_for(ended, CALL_SECONDS, "the call ends")
    created = len(ask("/simulator/calls", port=SIMULATOR_PORT)["calls"])
    if created != 1:
        raise StartError(f"The simulator got {created} calls, not 1.")
    print(f"a call was placed, and had ended after {seconds:.1f} s")


def check_metrics() -> None:
    """Each side counted the call."""
    for port, sample in (
        (WEB_PORT, 'tasks_accepted_total{kind="single"} 1.0'),
        (METRICS_PORT, 'outcome="placed"} 1.0'),
    ):
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            if sample not in answer.read().decode():
                raise StartError(f"The metrics at port {port} do not tell {sample}.")


def try_out(redis_url: str) -> bool:
    """Starts every part, places a call, stops every part; tells whether all ended as they should."""
    settings = {
        "CELERY_BROKER_URL": redis_url,
        "TWILIO_ACCOUNT_SID": FAKE_ACCOUNT,
        "TWILIO_AUTH_TOKEN": "simulator",
        "TWILIO_PHONE_NUMBER": "+15005550006",
        "TWILIO_API_BASE_URL": f"http://127.0.0.1:{SIMULATOR_PORT}",
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{WEB_PORT}",
        "ALLOW_ANONYMOUS": "1",
    }
    parts = {"simulator": "simulator", "web": "web", "worker": "worker", "beat": "worker", "flower": "flower"}
    beat = Role(("beat",), ("CMD", "python", "-m", "worker.health", "beat"))
    with ExitStack() as stack:
        boxes: dict[str, Box] = {}
        for part, target in parts.items():
            image = f"localhost/celery-twilio-api-{target}"
            box = boxes[part] = stack.enter_context(Box.of(part, image, settings, beat if part == "beat" else OWN_ROLE))
            seconds = wait_for(box.healthy, START_SECONDS, f"{part} is healthy; its output is {box.output}")
            print(f"{part:10} healthy after {seconds:4.1f} s, {box.confinement()}")
        place_call()
        check_metrics()
        stopped = [stopped_well(part, box) for part, box in reversed(boxes.items())]
        return all(stopped)


def stopped_well(part: str, box: Box) -> bool:
    seconds, code = box.stop(STOP_SECONDS)
    print(f"{part:10} stopped on SIGTERM after {seconds:4.1f} s with exit code {code}")
    return code == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--base", help="image to build on, instead of the one in the Dockerfile")
    parser.add_argument("--debootstrap", action="store_true", help="make the base from Debian's packages")
    parser.add_argument("--built", action="store_true", help="build nothing; runs in the network it finds")
    args = parser.parse_args()
    if missing := [name for name in TOOLS if not shutil.which(name)]:
        print(f"These are needed and not installed: {', '.join(missing)}.", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # Through the clean-up below.
    try:
        if args.built:
            with redis_server() as redis_url:
                return 0 if try_out(redis_url) else 1
        build_all(make_base() if args.debootstrap else args.base)
        os.execvp(OWN_NETWORK[0], [*OWN_NETWORK, sys.executable, "-m", "tests.docker.try_images", "--built"])
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(error.cmd[:2])} ended with exit code {error.returncode}.", file=sys.stderr)
    except (StartError, BoxError) as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
