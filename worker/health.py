"""
`python -m worker.health worker|beat`: whether the workers of this host consume, or its beats tick; exit code 0 or 1.

It looks at their pulses, and a worker has one only while it takes messages: see worker/pulse.py.
"""

import argparse
import os
import sys
from typing import Final

from redis.exceptions import RedisError

from runtime import running
from runtime.connections import connect
from runtime.liveness import own_place
from schemas import keys
from schemas.lua.facts import BEAT_FRESH_MS, WORKER_FRESH_MS
from worker.application import read_settings
from worker.settings import Settings

_PARTS: Final = {
    "worker": (keys.WORKERS, WORKER_FRESH_MS, "takes messages from the queue"),
    "beat": (keys.BEATS, BEAT_FRESH_MS, "ticks"),
}
_ANSWER_SECONDS: Final = 2


def examine(part: str, settings: Settings) -> tuple[bool, str]:
    """Whether all is well with the part on this host, and a sentence about it."""
    key, fresh_ms, works = _PARTS[part]
    with (
        connect(settings.redis_url, settings.sentinel, _ANSWER_SECONDS) as redis,
        redis.pipeline(transaction=False) as pipe,
    ):
        (seconds, microseconds), pulses = pipe.time().zrange(key, 0, -1, withscores=True).execute()
    now_ms = seconds * 1000 + microseconds // 1000
    host = own_place() + "/"
    ages_ms = {int(name[len(host) :]): now_ms - at_ms for name, at_ms in pulses if name.startswith(host)}
    mine = {pid: age_ms for pid, age_ms in ages_ms.items() if _runs(pid)}
    silent = [f"process {pid} last did {age_ms / 1000:.0f} s ago" for pid, age_ms in mine.items() if age_ms > fresh_ms]
    if silent:
        return False, f"Not every {part} on this host {works}: {', '.join(silent)}."
    if not mine:
        return False, f"No {part} on this host {works}."
    return True, f"Every {part} on this host {works} ({len(mine)} in all)."


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main() -> int:
    """Prints one sentence."""
    parser = argparse.ArgumentParser(prog="python -m worker.health", description="Tells whether a part works.")
    parser.add_argument("part", choices=sorted(_PARTS))
    part = parser.parse_args().part
    try:
        healthy, sentence = examine(part, read_settings(running.beside(os.environ)))
    except (RedisError, OSError) as error:
        healthy, sentence = (
            False,
            f"Whether a {part} works cannot be told: Redis does not answer ({type(error).__name__}).",
        )
    print(sentence)  # noqa: T201 - this is what the command is for
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main())
