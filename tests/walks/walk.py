"""One walk: step after step, with a look at all that there is, until all is over."""

from typing import Any

from tests.walks.gate import Fault
from tests.walks.lister import Lister
from tests.walks.walker import Walker
from tests.walks.watcher import Watcher
from tests.walks.world import world

#: By the seed.
SETTINGS: list[dict[str, str]] = [
    {},
    {"CALLING_WINDOWS": "mon-sun 08:00-21:00"},
    {"MAX_WAITING_PER_KEY": "25"},
    {"MAX_CALLS_PER_DAY": "60"},
]
#: Seconds between two steps.
_GAPS = [0, 0, 0, 0, 0.5, 1, 1, 2, 3, 10, 60, 600, 7200, 20_000]
_HALF_A_DAY, _HALF_DAYS = 43_200, 20


def walk(redis: Any, url: str, seed: int, steps: int) -> Walker:
    """Raises Fault, with all that was asked before, for what must not be."""
    with world(redis, url, seed, SETTINGS[seed % len(SETTINGS)]) as here:
        walker = Walker(here, seed)
        watcher = Watcher(walker)
        try:
            for step in range(1, steps + 1):
                walker.step()
                here.pass_time(walker.random.choice(_GAPS))
                watcher.some()
                if step % 40 == 0:
                    watcher.all()
                    watcher.overviews()
                    Lister(walker, watcher).look()
            _finish(walker, watcher)
        except Fault as fault:
            raise Fault("\n".join([*walker.log[-200:], str(fault)])) from fault
        return walker


def _finish(walker: Walker, watcher: Watcher) -> None:
    """Everything is resumed, and ten days later it is over."""
    for task in walker.there():
        walker.ask(walker.tasks[task], "POST", f"tasks/{task}/resume")
    for _ in range(_HALF_DAYS):
        walker.world.pass_time(_HALF_A_DAY)
    watcher.all()
    watcher.overviews()
    Lister(walker, watcher).look()
    for task in walker.there():
        state = watcher.get(task, f"task-status/{task}")
        if state["status"] in {"PENDING", "PROGRESS"}:
            raise Fault(f"{task} is not over: {state} {watcher.rows(task)} {walker.world.store.task(task)}")
