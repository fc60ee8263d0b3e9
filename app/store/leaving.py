"""Waiting until requests that may just be leaving have left."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from app.store.client import Store
from schemas import keys
from schemas.states import CallState

#: How long is waited. Twilio takes a fraction of a second.
LEAVING_SECONDS: Final = 2.5


async def wait_until_left(store: Store, call_ids: Sequence[str]) -> None:
    """A call that was `dialling` has its request on the way: returns when Twilio answered it, or it takes too long."""
    deadline = time.monotonic() + LEAVING_SECONDS
    waiting = list(call_ids)
    while waiting and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
        states = await asyncio.gather(*(store.ask("HGET", keys.task(one), "state") for one in waiting))
        waiting = [call for call, state in zip(waiting, states, strict=True) if state == CallState.DIALLING]
