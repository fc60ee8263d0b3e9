"""Tries all that an operator set, and says of each whether it is well."""

import platform
import time
from collections.abc import Iterator
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import requests
from twilio.request_validator import RequestValidator

from runtime.masking import mask_logins
from runtime.standing.reporter import redis_state
from schemas import keys
from schemas.operation.part import numbered
from schemas.operation.redis_state import RedisState
from schemas.operation.troubles import MOST_DIFFERENCE_MS, troubles
from schemas.scripts.gauges import Condition, health
from schemas.webhook_urls import CALL_STATUS_PATH
from worker.admin.store import Store
from worker.twilio.telephone import Telephone

_ANSWER_SECONDS: Final = 10
_KEPT: Final = {
    "": "it appends, and never evicts",
    "everysec": "it appends, and never evicts; a power cut, or its own end on a slow disk, takes away up to two seconds"
    " (appendfsync everysec)",
}
_WAY: Final = "PUBLIC_BASE_URL"
_BY_STATUS: Final = {
    204: "it leads to the web tier, which takes Twilio's signature",
    403: "it leads to a web tier with another TWILIO_AUTH_TOKEN or another PUBLIC_BASE_URL",
}


class Line(NamedTuple):
    """One thing that was tried."""

    what: str
    well: bool | None  #: None: it could not be tried
    told: str

    def __str__(self) -> str:
        word = {True: "well", False: "WRONG", None: "unknown"}[self.well]
        return f"{word:8}{self.what}: {self.told}"


def leads_home(url: str) -> bool:
    """Whether only who is in the same network, or on the same host, gets to a URL's host: a name without dots does."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))


def check(store: Store) -> list[Line]:
    """All that can be tried from here; raises RedisError if Redis is away."""
    state, condition = redis_state(store.redis), store.run(health())
    return [*_redis(state, store), *_clock(store), *_parts(condition), *_account(store), *_twilio(store), *_way(store)]


def _redis(state: RedisState | None, store: Store) -> Iterator[Line]:
    if state is None:
        yield Line("Redis", None, "it does not let this user ask for INFO, so nothing is known of it")
        return
    yield Line("Redis keeps what is written", not state.trouble, state.trouble or _KEPT.get(state.flushes, _KEPT[""]))
    yield Line("Redis's file stays small", not state.outgrown, state.outgrown or "as far as it is rewritten in time")
    mebibytes = f"{state.used_bytes / 2**20:,.1f} of {state.most_bytes / 2**20:,.0f} MiB"
    yield Line("Redis has room", not state.full, f"{mebibytes}; its file has {state.file_bytes / 2**20:,.1f} MiB")
    if replicas := store.settings.sentinel.replicas:
        lacking = state.lacks_replicas(replicas)
        yield Line(
            "Redis's replicas", not lacking, lacking or f"{state.replicas} are connected, and {replicas} must be"
        )


def _clock(store: Store) -> Iterator[Line]:
    before = time.time()
    seconds, microseconds = store.redis.time()
    ahead_seconds = (before + time.time()) / 2 - int(seconds) - int(microseconds) / 1e6
    well = abs(ahead_seconds) * 1000 <= MOST_DIFFERENCE_MS
    yield Line(f"clock of {platform.node()}", well, f"{ahead_seconds:+.2f} s beside Redis's")


def _parts(condition: Condition) -> Iterator[Line]:
    drained = condition.drained and not condition.copy_ms
    passed_over = {"account_held", *(["drained"] if drained else [])}
    found = [one for one in troubles(condition, None, twilio_configured=True) if one.code not in passed_over]
    names = ", ".join(f"{told} is {name}" for name, told in sorted(numbered(condition.parts).items())) or "none reports"
    yield Line("parts", not found, "; ".join([*(one.detail for one in found), names]))
    if drained:
        yield Line("drained", True, "by the operator, as one is while something is changed; `resume` lets calls go")


def _account(store: Store) -> Iterator[Line]:
    owner, mine = str(store.redis.get(keys.ACCOUNT) or ""), store.settings.account_sid
    told = f"these calls are of {owner or 'none yet'}, and here is {mine or 'none'}"
    yield Line("account", owner in {"", mine} and bool(mine), told)


def _twilio(store: Store) -> Iterator[Line]:
    settings = store.settings
    if not settings.account_sid or not settings.auth_token:
        yield Line("Twilio's token", False, "TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN is not set")
        return
    passed = Telephone(settings).accepts_us()
    told = "takes it" if passed else "does not take it, or is not reached"
    yield Line("Twilio's token", passed, f"{settings.api_base_url} {told}")


def _way(store: Store) -> Iterator[Line]:
    """A post to ourselves from outside, signed as Twilio's are, that names no call of ours."""
    base_url = store.settings.public_base_url
    if not base_url:
        yield Line(_WAY, None, "it is not set: Twilio is asked about calls, and tells nothing by itself")
        return
    shown = mask_logins(base_url)
    if not store.settings.simulated and leads_home(base_url):
        told = f"{shown} is an address of your own network, and Twilio is outside of it: callees would hear an error"
        yield Line(_WAY, False, told)
        return
    url, fields = f"{base_url}{CALL_STATUS_PATH}", {"CallSid": "CA" + "0" * 32}
    signed = {"X-Twilio-Signature": RequestValidator(store.settings.auth_token).compute_signature(url, fields)}
    try:
        answer = requests.post(url, fields, headers=signed, timeout=_ANSWER_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        yield Line(_WAY, False, f"{shown} is not reached from here: {type(error).__name__}")
        return
    told = _BY_STATUS.get(answer.status_code, f"{shown} answers {answer.status_code}: is it the web tier?")
    yield Line(_WAY, answer.status_code == HTTPStatus.NO_CONTENT, told)
