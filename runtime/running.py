"""The file in which a running `make run` tells where its Redis is, for the commands that are typed beside it."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from runtime import redis_url

FILE: Final = Path(__file__).resolve().parent.parent / ".data" / "running.env"
_PLACES: Final = ("CELERY_BROKER_URL", "REDIS_URL")
_NAMED_BY: Final = (*_PLACES, "CELERY_BROKER_URL_FILE")
_TOLD: Final = (
    *_NAMED_BY,
    "REDIS_SENTINEL_MASTER",
    "REDIS_SENTINEL_PASSWORD",
    "REDIS_REPLICAS",
    "CALLS_PER_SECOND",
    "SINGLE_CALLS_PER_MINUTE",
    "MAX_CALL_MINUTES_PER_DAY",
    "MAX_CALLS_PER_DAY",
    "MAX_CALLS_PER_NUMBER_PER_DAY",
    "MAX_LIVE_CALLS",
    "MAX_CALL_SECONDS",
    "CALL_RETENTION_DAYS",
    "MAX_WAITING_PER_KEY",
    "ALLOWED_PREFIXES",
    "BLOCKED_PREFIXES",
    "ALLOW_PREMIUM",
    "CALLING_WINDOWS",
)


#: Where requests looks for hosts that no proxy leads to.
_UNPROXIED: Final = ("NO_PROXY", "no_proxy")
#: Of an account that is played, so that its token is no secret.
PLAYED: Final = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_BASE_URL", "PUBLIC_BASE_URL", *_UNPROXIED)


@contextmanager
def told(variables: Mapping[str, str], file: Path = FILE, more: Sequence[str] = ()) -> Iterator[None]:
    """The file exists meanwhile, readable to its user only, since Redis's password is in it; `more` is told besides."""
    unfinished = file.with_name(f"{file.name}.part")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
        # As JSON: a value may have lines, and none of them is a variable.
        opened.writelines(f"{name}={json.dumps(variables[name])}\n" for name in (*_TOLD, *more) if name in variables)
    unfinished.rename(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def beside(variables: Mapping[str, str], file: Path = FILE) -> Mapping[str, str]:
    """The variables; if they name no Redis, with those of the running `make run`. Says on stderr which Redis it is."""
    if any(variables.get(name, "").strip() for name in _NAMED_BY):
        return variables
    found: dict[str, str] = {}
    with suppress(FileNotFoundError, PermissionError, ValueError):  # nobody's, another user's, an earlier version's
        lines = (line.partition("=") for line in file.read_text().splitlines())
        found = {name: json.loads(value) for name, _, value in lines}
    place = next((found[name] for name in reversed(_PLACES) if name in found), redis_url.DEFAULT)
    whose = (
        "of make run" if found else "by default, since CELERY_BROKER_URL is not set and no make run of yours runs here"
    )
    sys.stderr.write(f"Redis: {redis_url.without_password(place)} ({whose})\n")
    os.environ.update({name: found[name] for name in _UNPROXIED if name in found})
    return {**variables, **found}
