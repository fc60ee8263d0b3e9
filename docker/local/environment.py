"""The environment that the parts of the local stack get, and its ports."""

import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

FAKE_ACCOUNT = "AC" + "0" * 32
LAST_PORT = 65535
#: What Celery's worker warns of: whoever tries the service out as root knows it.
_NOT_ABOUT_ROOT = "ignore:You're running the worker with superuser privileges"


class StartError(Exception):
    """The one sentence that says why the stack cannot run."""


def environment_for(given: Mapping[str, str], password: Callable[[], str]) -> dict[str, str]:
    """
    The environment of every part: what is set (an empty variable is not) stays, the rest is made to work here.

    The ports lie below those that the system gives to clients, and are the same at every start.
    """
    given = {name: value for name, value in given.items() if value}
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
        result.setdefault("PUBLIC_BASE_URL", f"http://{reachable(result['APP_HOST'])}:{result['APP_PORT']}")
    if has_own_redis(given):
        port = result.setdefault("REDIS_PORT", "8003")
        result["CELERY_BROKER_URL"] = f"redis://:{password()}@127.0.0.1:{port}/0"
    return result


def is_simulated(given: Mapping[str, str]) -> bool:
    """Whether calls are played, since no account is named."""
    return not given.get("TWILIO_ACCOUNT_SID")


def has_own_redis(given: Mapping[str, str]) -> bool:
    """Whether the stack starts a Redis, since none is named."""
    return not (given.get("CELERY_BROKER_URL") or given.get("CELERY_BROKER_URL_FILE"))


def check_port(host: str, setting: str, value: str) -> None:
    """Fail if nothing can listen there."""
    if not value.isdecimal() or not 0 < int(value) <= LAST_PORT:
        raise StartError(f"{setting}={value} is not a port: set it to a number from 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, int(value)), family=family).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise StartError(
            f"Port {value} on {host} cannot be used ({reason}): "
            f"stop what uses it, or choose another, e.g. {setting}={int(value) + 100} make run"
        ) from error


def reachable(host: str) -> str:
    return "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host  # noqa: S104
