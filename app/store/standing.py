"""How Redis, and this process beside the others, stand: what /health tells, and what refuses the start."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final
from uuid import uuid4

import structlog

from app.errors import NO_ROOM, LedgerAway
from app.settings import Settings
from app.store.client import Store
from app.store.pipeline import RefusedByRedis
from runtime.standing.start import check_account, check_store
from runtime.standing.told import part_of
from schemas.lua.script import paired
from schemas.operation.part import REPORT_SECONDS, leave, mark_of_broker, report
from schemas.operation.redis_state import CONFIGURATION, RedisState

log = structlog.get_logger("app.store.standing")

#: How old what Redis said of itself may be.
_STATE_SECONDS: Final = 3.0


class Standing:
    """Methods raise LedgerAway when Redis does not answer in time."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = self._broker = store
        if settings.broker_url != settings.redis_url:
            self._broker = Store(settings.broker_url, settings.sentinel)
        self._settings = settings
        self._own_settings = own_settings(settings)
        self._state: RedisState | None = None
        self._asked = -_STATE_SECONDS
        self._tells = True  #: Redis, of its configuration
        self._name = ""
        self.broker_away = False  #: messages go over another Redis, which did not answer when it was asked last

    async def state(self) -> RedisState | None:
        """What Redis said of itself, some seconds ago at most; None if it does not tell."""
        if time.monotonic() - self._asked >= _STATE_SECONDS:
            try:
                state = RedisState.parse(await self._store.ask("INFO"), await self._configuration())
            except RefusedByRedis:
                state = None
            if state is not None and state.loading:
                raise LedgerAway
            self._state = state
            self._asked = time.monotonic()
        return self._state

    async def _configuration(self) -> Mapping[str, str]:
        """What is looked for of Redis's; nothing if it does not tell, in which case it is not asked again."""
        if not self._tells:
            return {}
        try:
            return paired(await self._store.ask("CONFIG", "GET", CONFIGURATION))
        except RefusedByRedis:
            self._tells = False
            return {}

    @property
    def refused(self) -> str:
        """Why Redis, or the number of its replicas, lets nothing be written; '' if all can be."""
        told = self._state.lacks_replicas(self._settings.sentinel.replicas) if self._state is not None else ""
        return told or self._store.refusal

    def require_room(self) -> None:
        """Raises LedgerAway if Redis had no room for further calls when it was asked last."""
        if self._state is not None and self._state.full:
            raise LedgerAway(NO_ROOM)

    async def start(self) -> None:
        """Raises SettingsError if the process must not start."""
        state = await self.state()
        if state is None:
            log.warning("redis_unknown", remedy="allow the command INFO, so that eviction and durability are looked at")
        check_store(state, allow_unsafe=self._settings.allow_unsafe_redis)
        await self.report()

    async def report(self) -> None:
        """Tells that the process is there, and what it was told; raises SettingsError if it must not go on."""
        before = time.time()
        seconds, microseconds = await self._store.ask("TIME")
        ahead_seconds = (before + time.time()) / 2 - (int(seconds) + int(microseconds) / 1e6)
        mark = await self._mark()
        part = part_of("web", self._settings, round(ahead_seconds * 1000), self._own_settings, mark)
        self._name = part.name
        account_sid = self._settings.account_sid
        check_account(await self._store.run(report(part, self._settings.limits, account_sid)), account_sid)

    async def close(self) -> None:
        """Closes the connection to a broker that is not where the records are."""
        if self._broker is not self._store:
            await self._broker.close()

    async def _mark(self) -> str:
        try:
            mark = await self._broker.run(mark_of_broker(uuid4().hex))
        except (LedgerAway, RefusedByRedis):
            mark = ""
        self.broker_away = not mark and self._broker is not self._store
        return mark

    async def go_on(self) -> None:
        """Reports until it is cancelled; raises SettingsError if the process must not go on."""
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            try:
                await self.state()
                await self.report()
            except LedgerAway:
                log.debug("report_missed")

    async def leave(self) -> None:
        """The process ends."""
        if self._name:
            try:
                await self._store.run(leave(self._name))
            except LedgerAway:
                log.debug("report_missed")


def own_settings(settings: Settings) -> Mapping[str, str]:
    """Name -> value of what must be the same in all web processes, besides what all parts share."""
    rules, tenants = settings.dial_rules, settings.tenants
    owners = (f"{number}={name}" for number, names in rules.caller_ids.owners.items() for name in names)
    values = {
        "API_KEYS": settings.api_keys.fingerprints(),
        "TWILIO_AUTH_TOKEN_SECONDARY": [settings.secondary_auth_token],
        "TWILIO_WEBHOOK_KEYS": [f"{name}:{secret}" for name, secret in settings.webhook_keys.items()],
        "EVENT_SIGNING_KEYS": [f"{name}:{secret}" for name, secret in settings.event_signing_keys.items()],
        "ADMIN_KEYS": tenants.admins,
        "READ_ONLY_KEYS": tenants.readers,
        "ISOLATE_KEYS": [str(tenants.isolated)],
        "TWILIO_PHONE_NUMBER": [settings.default_from_number],
        "ALLOWED_FROM_NUMBERS": [*rules.caller_ids.everybodys, *owners],
        "ALLOWED_PREFIXES": rules.numbers.allowed,
        "BLOCKED_PREFIXES": rules.numbers.blocked,
        "ALLOW_PREMIUM": [str(rules.numbers.allow_premium)],
        "ALLOWED_WEBHOOK_HOSTS": [*rules.webhook_hosts.hosts, *rules.webhook_hosts.parents],
        "ALLOW_PRIVATE_WEBHOOKS": [str(settings.allow_private_webhooks)],
        "MAX_WAITING_PER_KEY": [str(settings.most_waiting_per_key)],
    }
    return {name: ",".join(sorted(value)) for name, value in values.items()}
