"""A clinic's reminders: queued by one program of examples/, and followed by another."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.examples.conftest import EXAMPLES
from tests.processes import ROOT, Process, wait_until
from tests.stack import Stack

FOLLOWED = pytest.mark.parametrize("receiver", ["clinic_receiver.py"], indirect=True)
CONFIRMS, SILENT, MACHINE, LATE = "+12125550120", "+12125550121", "+12125550122", "+12125550123"


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Two with zones of their own, one whose number tells it, and one whose appointment is over."""
    ahead, over = (datetime.now(UTC).replace(microsecond=0) + timedelta(days=days) for days in (30, -1))
    file = tmp_path / "patients.csv"
    rows = [
        ("A-1", "Ada", CONFIRMS, ahead, "America/Denver"),
        ("A-2", "Ben", SILENT, ahead, ""),
        ("A-3", "Cem", MACHINE, ahead, "Europe/London"),
        ("A-4", "Dot", LATE, over, ""),
    ]
    lines = [",".join((one, name, number, at.isoformat(), zone)) for one, name, number, at, zone in rows]
    file.write_text("\n".join(["id,name,number,appointment,timezone", *lines]), "utf-8")
    return file


def queued(file: Path, stack: Stack, *options: str) -> list[str]:
    command = [sys.executable, str(EXAMPLES / "clinic_reminders.py"), str(file), "--url", stack.url, *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended
    return ended.stdout.splitlines()


@FOLLOWED
def test_patients_are_reminded_once_and_the_receiver_tells_who_confirmed(
    stack: Stack, receiver: tuple[str, Process], patients: Path
) -> None:
    events, process = receiver
    stack.simulator.script(CONFIRMS, outcome="answered", ring_seconds=1, digits="1")
    stack.simulator.script(SILENT, outcome="answered", ring_seconds=1)
    stack.simulator.script(MACHINE, outcome="machine", ring_seconds=1)

    first, second = (queued(patients, stack, "--any-hour", "--events", events) for _ in range(2))
    wait_until(lambda: "A-3 by hand" in process.output, what="the campaign's end was followed")

    assert first == second
    assert first[1:] == ["A-4 no_common_hour"]
    followed = [line for line in process.output.splitlines() if line.startswith("A-")]
    assert followed == ["A-1 confirmed", "A-2 by hand: answered", "A-3 by hand: machine"]
    calls = stack.simulator.calls_to(CONFIRMS, SILENT, MACHINE, LATE)
    assert sorted(call["to"] for call in calls) == [CONFIRMS, SILENT, MACHINE]


def test_a_dry_run_tells_when_each_patient_would_be_called_in_a_zone_of_their_own(stack: Stack, patients: Path) -> None:
    told = queued(patients, stack, "--dry-run")

    slots = dict(line.split() for line in told[1:])
    assert slots.pop("A-4") == "no_common_hour"
    for patient, zone in (("A-1", "America/Denver"), ("A-2", "America/New_York"), ("A-3", "Europe/London")):
        local = datetime.fromisoformat(slots[patient]).astimezone(ZoneInfo(zone))
        assert 9 <= local.hour < 20, (patient, local)


def test_the_file_of_the_page_is_one_that_it_takes(stack: Stack, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "campaigns.md").read_text("utf-8")
    (content,) = re.findall(r"^```csv\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (file := tmp_path / "patients.csv").write_text(content, "utf-8")

    told = queued(file, stack, "--dry-run")

    assert [line.split()[0] for line in told[1:]] == ["A-1", "A-2"]
