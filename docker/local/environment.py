"""The environment that the parts of the local stack get, and its ports."""

import errno
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from runtime.standing.celery_variables import COMMANDS_OWN

FAKE_ACCOUNT = "AC" + "0" * 32
LAST_PORT = 65535
#: What to do about a port that cannot be used, and how far from it another may be found.
_REMEDIES = {
    errno.EADDRINUSE: ("stop what uses it, or choose another", 100),
    errno.EACCES: ("choose one above 1023", 8000),
}
_ELSEWHERE = (
    "REDIS_URL names a Redis, where records would be kept, and CELERY_BROKER_URL none, so that another would start:"
    " take REDIS_URL away, which may be another program's (env -u REDIS_URL make run), or set CELERY_BROKER_URL too."
)
#: What Celery's worker warns of: whoever tries the service out as root knows it.
_NOT_ABOUT_ROOT = "ignore:You're running the worker with superuser privileges"


class StartError(Exception):
    """The one sentence that says why the stack cannot run."""


def environment_for(given: Mapping[str, str], password: Callable[[], str]) -> dict[str, str]:
    """
    The environment of every part: what is set (an empty variable is not, nor is one of blanks) stays, the rest is made
    to work here. What Celery's command would take for its own is left out: it is another program's.

    The ports lie below those that the system gives to clients, and are the same at every start.
    """
    given = {name: value for name, value in given.items() if value.strip() and name not in COMMANDS_OWN}
    result = {"APP_HOST": "127.0.0.1", "APP_PORT": "8001", **given, "LOG_FORMAT": "json"}
    result["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', os.defpath)}"
    result["PYTHONUNBUFFERED"] = "1"
    result["PYTHONWARNINGS"] = ",".join(filter(None, (given.get("PYTHONWARNINGS"), _NOT_ABOUT_ROOT)))
    if is_simulated(given):
        port = result.setdefault("SIMULATOR_PORT", "8010")
        result |= {
            "TWILIO_ACCOUNT_SID": FAKE_ACCOUNT,
            "TWILIO_AUTH_TOKEN": "simulator",
            "TWILIO_PHONE_NUMBER": "+15005550006",
            "TWILIO_API_BASE_URL": f"http://127.0.0.1:{port}",
        }
        # The simulator is reached without the proxy that leads out of here.
        exceptions = given.get("no_proxy") or given.get("NO_PROXY")
        result["NO_PROXY"] = result["no_proxy"] = ",".join(filter(None, (exceptions, "127.0.0.1")))
        # Whoever tries the service out has the receiver of its events here too.
        result.setdefault("ALLOW_PRIVATE_WEBHOOKS", "1")
        # The simulator runs here, so it reaches the web tier here.
        result.setdefault("PUBLIC_BASE_URL", url_of(result["APP_HOST"], result["APP_PORT"]))
    if has_own_redis(given):
        if given.get("REDIS_URL"):
            raise StartError(_ELSEWHERE)
        port = result.setdefault("REDIS_PORT", "8003")
        result["CELERY_BROKER_URL"] = f"redis://:{password()}@127.0.0.1:{port}/0"
    return result


def is_simulated(given: Mapping[str, str]) -> bool:
    """Whether calls are played, since no account is named."""
    return not given.get("TWILIO_ACCOUNT_SID", "").strip()


def has_own_redis(given: Mapping[str, str]) -> bool:
    """Whether the stack starts a Redis, since none is named."""
    return not any(given.get(name, "").strip() for name in ("CELERY_BROKER_URL", "CELERY_BROKER_URL_FILE"))


def fault_of_port(host: str, setting: str, value: str) -> str:
    """Why nothing can listen there, and what to do; '' if it can."""
    if not value.isdecimal() or not 0 < int(value) <= LAST_PORT:
        return f"{setting}={value} is not a port: set it to a number from 1 to {LAST_PORT}."
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, int(value)), family=family).close()
    except OSError as error:
        code = error.errno or 0
        reason = os.strerror(code) if code > 0 else error.strerror
        remedy = _REMEDIES.get(code)
        if remedy is None:
            return f"APP_HOST={host} is no address of this machine ({reason}): take 127.0.0.1, or leave it out."
        told, further = remedy
        other = int(value) + (further if int(value) + further <= LAST_PORT else -further)
        return f"Port {value} on {host} cannot be used ({reason}): {told}, e.g. {setting}={other} make run"
    return ""


def reachable(host: str) -> str:
    """Where to find from this machine what listens on a host."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def url_of(host: str, port: str) -> str:
    """Under which what listens there is found from this machine."""
    found = reachable(host)
    return f"http://[{found}]:{port}" if ":" in found else f"http://{found}:{port}"
