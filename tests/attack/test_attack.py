"""A short run of what `make attack` does at length."""

import time
from pathlib import Path

from tests.attack.battle import Battle
from tests.attack.stage import Stage


async def test_nothing_opens_nothing_of_anothers_changes_and_nothing_wrong_is_signed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    try:
        stage.set()
        battle = Battle(stage.loot, time.time_ns() % 2**32)
        await battle.rage(seconds=3, crowd_size=100, answers=100)
        assert battle.faults == []
        assert stage.changed() == []
        assert stage.wrongly_signed() == []
    finally:
        stage.stack.stop()
    assert stage.logged() == []
