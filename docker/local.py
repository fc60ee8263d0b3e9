"""The whole stack in one terminal, with nothing installed beside Python: what `make run` runs."""

import contextlib
import fcntl
import http.client
import os
import shlex
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from environment import StartError, check_port, environment_for, reachable
from honcho.environ import parse_procfile
from parts import Asked, Ended, Parts, Ready

DOCKER = Path(__file__).resolve().parent
ROOT = DOCKER.parent
DATA = ROOT / ".data"
API = "/api/v1/celery/twilio"
START_SECONDS = 30.0
# Every part ends within ten.
STOP_SECONDS = 15.0


def lock_data() -> int:
    """Two Redis servers must not write the same files. Redis holds the lock with this script."""
    DATA.mkdir(exist_ok=True)
    lock = os.open(DATA / "lock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"The data in {DATA} is in use: the stack already runs in this folder."
        raise StartError(message) from error
    return lock


def answers_ping(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as link:
        link.sendall(b"PING\r\n")
        return link.recv(64).startswith(b"+PONG")
    return False


def answers_http(host: str, port: int) -> bool:
    link = http.client.HTTPConnection(host, port, timeout=1)
    try:
        link.request("GET", "/livez")
        return link.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def wait_for(answers: Callable[[], bool], parts: Parts, name: str) -> bool:
    """Wait until a part answers. False if someone wants to stop before it does."""

    def poll() -> None:
        while not answers():
            time.sleep(0.1)
        parts.events.put(Ready())

    threading.Thread(target=poll, daemon=True).start()
    deadline = time.monotonic() + START_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        match parts.next_event(left):
            case Ready():
                return True
            case Asked():
                return False
            case Ended(ended, code):
                raise StartError(f"{ended} ended with exit code {code} while starting.")
    raise StartError(f"{name} did not answer within {START_SECONDS:.0f} seconds.")


def start_redis(parts: Parts, port: int, lock: int) -> bool:
    script, folder = DOCKER / "embedded_redis.py", DATA / "redis"
    command = [sys.executable, str(script), "--port", str(port), "--dir", str(folder)]
    log = DATA / "redis.log"
    parts.start("redis", shlex.join(command), log=log, keep_open=(lock,))
    try:
        return wait_for(lambda: answers_ping(port), parts, "redis")
    except StartError as error:
        lines = log.read_text(errors="replace").strip().splitlines()
        raise StartError(f"{error} {lines[-1] if lines else ''}") from error


def banner(env: Mapping[str, str], simulated: bool, embedded: bool) -> str:
    url = f"http://{reachable(env['APP_HOST'])}:{env['APP_PORT']}"
    twilio = env.get("TWILIO_API_BASE_URL") or "https://api.twilio.com"
    calls = f"simulated, see {twilio}" if simulated else f"REAL: they go through {twilio} and cost money"
    data = DATA / "redis" if embedded else "in the Redis that CELERY_BROKER_URL names"
    key = " -H 'Authorization: Bearer <the secret of one of API_KEYS>'" if env.get("API_KEYS") else ""
    return f"""
  The API        {url}{API}
  Try it out     {url}/api/docs
  Calls          {calls}
  Data           {data}

  Place a call, from another terminal:

    curl -X POST {url}{API}/queue-single-call{key} \\
      -H 'Content-Type: application/json' -d '{{"to_number": "+1234567890"}}'

  Ctrl-C stops everything; waiting calls go on at the next start.
"""


def run(parts: Parts, env: dict[str, str], simulated: bool, embedded: bool, lock: int) -> None:
    """Start everything, and return when someone asks to stop."""
    say("starting (a few seconds)")
    if embedded:
        port = int(env["CELERY_BROKER_URL"].rpartition(":")[2].partition("/")[0])
        if not start_redis(parts, port, lock):
            return
    else:
        say("CELERY_BROKER_URL is set: using that Redis, starting none")
    for name, command in parse_procfile((DOCKER / "Procfile").read_text()).processes.items():
        if simulated or name != "simulator":
            parts.start(name, command)
    host, port = reachable(env["APP_HOST"]), int(env["APP_PORT"])
    if not wait_for(lambda: answers_http(host, port), parts, "The web tier"):
        return
    say(banner(env, simulated, embedded))
    match parts.next_event(None):
        case Ended(name, code):
            raise StartError(f"{name} ended by itself with exit code {code}; so the rest was stopped.")


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # The terminal may be gone.
        print(text, flush=True)


def main() -> int:
    env = environment_for(os.environ)
    simulated = not os.environ.get("TWILIO_ACCOUNT_SID")
    embedded = not os.environ.get("CELERY_BROKER_URL")
    parts = Parts(env, ROOT)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: parts.events.put(Asked()))
    try:
        check_port(env["APP_HOST"], "APP_PORT", env["APP_PORT"])
        if simulated:
            check_port("127.0.0.1", "SIMULATOR_PORT", env["SIMULATOR_PORT"])
        run(parts, env, simulated, embedded, lock_data())
        say("\nstopping")
    except StartError as error:
        say(f"\n{error}")
        return 1
    finally:
        # First those that still need the others.
        parts.stop(["web", "worker", "beat"], STOP_SECONDS)
        parts.stop(["simulator"], STOP_SECONDS)
        parts.stop(["redis"], STOP_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
