"""docker/upgrade.sh as docs/operating.md says to run it, at a service that runs as by compose."""

import re
from collections.abc import Iterator

import pytest

from schemas.records import LAYOUT
from tests.docker.operator import Operator
from tests.docs.for_real import KEY, UPGRADE, beside, pids, service
from tests.docs.recipes import steps

WORKERS = 2
NUMBER = "+12025550133"


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    with service(tmp_path_factory.mktemp("operator"), WORKERS) as one:
        yield one


def test_an_upgrade_exchanges_all_parts_keeps_their_number_and_loses_no_call(operator: Operator) -> None:
    before = pids(operator)
    beside(operator, "drain")
    waiting = operator.accepted(NUMBER, KEY)
    records = operator.tree / "schemas" / "records.py"
    newer = re.sub(rf"^(LAYOUT\b.*= ){LAYOUT}$", rf"\g<1>{LAYOUT + 1}", records.read_text(), flags=re.MULTILINE)
    assert newer != records.read_text()
    records.write_text(newer)

    told = operator.run(UPGRADE)
    found = re.search(r"from \S+ records \d+\.(\d+) to \S+ records \d+\.(\d+): (.*)", told)
    assert found
    assert found.groups() == (str(LAYOUT), str(LAYOUT + 1), f"{WORKERS} workers, 2 beats, 1 web processes")
    assert "drained: by the operator" in told
    assert "Go back only if you must" in told
    now = pids(operator)
    assert {part: len(ones) for part, ones in now.items()} == {part: len(ones) for part, ones in before.items()}
    assert {part for part in now if now[part] & before[part]} == {"redis", "flower", "simulator"}
    beside(operator, "resume")
    operator.await_end(waiting, NUMBER, KEY)


def test_who_has_a_changed_setting_is_exchanged_by_it_and_nobody_else(operator: Operator) -> None:
    before = pids(operator)
    settings = operator.tree / ".env"
    both, _ = steps("docs/operating.md", "Rotation", "API keys")
    settings.write_text(re.sub(r"^API_KEYS=.*\n", both.settings, settings.read_text(), flags=re.MULTILINE))

    assert "You may go back" in operator.run(UPGRADE)
    now = pids(operator)
    assert {part for part in now if now[part] != before[part]} == {"web"}
    for key in ("the-old-secret", "the-new-secret"):
        operator.accepted(NUMBER, key)
