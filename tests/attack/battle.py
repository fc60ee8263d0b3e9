"""Shoots for a while, at a running stack, and judges each answer."""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import requests

from app.documentation.about import ANYWHERE
from tests.attack import bodies, crowd, doors, forgeries, neighbours
from tests.attack.ear import Ear
from tests.attack.loot import Loot
from tests.attack.shot import Draw, Shot
from tests.fuzz.addresses import by_address
from tests.fuzz.shape import fault_of
from tests.fuzz.wire import Answer, answers_in

_DRAWS: Final[tuple[Draw, ...]] = (
    doors.draw,
    doors.draw,
    neighbours.draw,
    neighbours.draw,
    bodies.draw,
    forgeries.forged,
    forgeries.forged,
    forgeries.lure,
)
_GUNS: Final = 8
_ANSWER_SECONDS: Final = 20.0
_ANYWHERE: Final = {kind.status for kind in ANYWHERE}
_LAST_ADDRESS: Final = 64


@dataclass
class Battle:
    """What was shot, what came back, and what is wrong with it."""

    loot: Loot
    seed: int
    shots: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        document = requests.get(f"{self.loot.base_url}/api/docs/openapi.json", timeout=10).json()
        self._operations = by_address(document)
        self._port = urlsplit(self.loot.base_url).port or 0

    async def rage(self, seconds: float, crowd_size: int = crowd.MOST, answers: int = 0) -> None:
        """Shoots for so long, and until so many answers came, while others only take up room and one listens."""
        ear = Ear(self.loot.caught)
        await ear.open(urlsplit(self.loot.ear_url).port or 0)
        sitters = [asyncio.create_task(crowd.sit(self._port, self._drawn(f"s{place}"))) for place in range(crowd_size)]
        until = time.monotonic() + seconds
        try:
            async with asyncio.TaskGroup() as guns:
                for place in range(_GUNS):
                    guns.create_task(self._shoot(self._drawn(f"g{place}"), until, answers))
        finally:
            for sitter in sitters:
                sitter.cancel()
            await asyncio.gather(*sitters, return_exceptions=True)
            await ear.close()

    def _drawn(self, name: str) -> random.Random:
        return random.Random(f"{self.seed} {name}")

    async def _shoot(self, drawn: random.Random, until: float, answers: int) -> None:
        while time.monotonic() < until or self.answers.total() < answers:
            shot = drawn.choice(_DRAWS)(drawn, self.loot)
            self.shots[shot.kind] += 1
            told = await self._exchange(shot, f"127.0.0.{drawn.randrange(2, _LAST_ADDRESS)}")
            for answer in answers_in(told):
                self.answers[answer.status] += 1
                if fault := self._fault(shot, answer):
                    self.faults.append(
                        f"{shot.kind}: {fault}: {answer.status} {answer.body[:200]!r} to {shot.data[:600]!r}"
                    )

    async def _exchange(self, shot: Shot, address: str) -> bytes:
        """All that the server says until it closes; it may do so before it was sent all."""
        told = b""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_ANSWER_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port, local_addr=(address, 0))
                try:
                    writer.write(shot.data)
                    while part := await reader.read(65_536):
                        told += part
                finally:
                    writer.transport.abort()
        return told

    def _fault(self, shot: Shot, answer: Answer) -> str:
        operation = self._operations.get(shot.path, {}).get(shot.method, {})
        if answer.status < HTTPStatus.BAD_REQUEST:
            if operation and str(answer.status) not in operation["responses"]:
                return "not documented"
            return "" if shot.harmless else "it opened"
        if answer.status not in _ANYWHERE and str(answer.status) not in operation.get("responses", {}):
            return "not documented"
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            return "a fault of the server's"
        if shot.data.startswith(b"HEAD "):
            return ""
        return fault_of(answer.status, answer.headers.get("content-type", ""), answer.body)
