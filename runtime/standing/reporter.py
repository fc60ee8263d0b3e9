"""Reporting to Redis, for processes without an event loop."""

import time
from typing import Final
from uuid import uuid4

import structlog
from redis import Redis
from redis.exceptions import BusyLoadingError, RedisError, ResponseError

from runtime.connections import connect
from runtime.scripts import ScriptRunner
from runtime.settings import SharedSettings
from runtime.standing.start import check_account, check_store
from runtime.standing.told import part_of
from schemas.operation.part import REPORT_SECONDS, Kind, leave, mark_of_broker, report
from schemas.operation.redis_state import CONFIGURATION, RedisState

log = structlog.get_logger("runtime.standing")

#: A broker that hangs holds up nothing but the report.
_BROKER_SECONDS: Final = 1.0


class Reporter:
    """Tells what this process is. Methods raise redis.exceptions.RedisError when Redis is away."""

    def __init__(self, redis: "Redis", kind: Kind, settings: SharedSettings) -> None:
        self._redis = redis
        self._scripts = self._broker = ScriptRunner(redis)
        if settings.broker_url != settings.redis_url:
            self._broker = ScriptRunner(connect(settings.broker_url, settings.sentinel, _BROKER_SECONDS))
        self._kind: Kind = kind
        self._settings = settings
        self._name = ""
        self._next = 0.0
        self.newest_records = 0  #: the highest version of records that a worker with a pulse knows

    def start(self) -> None:
        """Raises SettingsError if the process must not start; else it is there, and its limits count."""
        state = redis_state(self._redis)
        if state is None:
            log.warning("redis_unknown", remedy="allow the command INFO, so that eviction and durability are looked at")
        check_store(state, allow_unsafe=self._settings.allow_unsafe_redis)
        self.report()

    def report(self) -> None:
        """Every REPORT_SECONDS, whenever it is called. Raises SettingsError if the calls became another account's."""
        if time.monotonic() < self._next:
            return
        before = time.time()
        seconds, microseconds = self._redis.time()
        ahead_seconds = (before + time.time()) / 2 - (seconds + microseconds / 1e6)
        part = part_of(self._kind, self._settings, round(ahead_seconds * 1000), broker=self._mark())
        self._name = part.name
        account_sid = self._settings.account_sid
        joining = self._scripts.run(report(part, self._settings.limits, account_sid))
        check_account(joining, account_sid)
        self.newest_records = joining.newest_records
        self._next = time.monotonic() + REPORT_SECONDS

    def _mark(self) -> str:
        try:
            return self._broker.run(mark_of_broker(uuid4().hex))
        except RedisError:
            return ""

    def leave(self) -> None:
        """The process ends."""
        if self._name:
            self._scripts.run(leave(self._name))


def redis_state(redis: "Redis") -> RedisState | None:
    """What Redis says of itself; None if it does not tell. Raises BusyLoadingError while it reads its file."""
    redis.ping()  # why there is no connection says nothing of INFO
    try:
        state = RedisState.read(redis.info(), _configuration(redis))
    except ResponseError:
        return None
    if state is not None and state.loading:
        raise BusyLoadingError("Redis reads its file")
    return state


def _configuration(redis: "Redis") -> dict[str, str]:
    """What is looked for of it; nothing if it does not tell."""
    try:
        return {str(name): str(value) for name, value in redis.config_get(CONFIGURATION).items()}
    except ResponseError:
        return {}
