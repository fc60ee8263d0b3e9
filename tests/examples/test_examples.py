"""The examples do what they say on a running stack, and are short enough to be read."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.examples.conftest import EXAMPLES
from tests.processes import Process, wait_until
from tests.stack import Stack

NUMBERS = ["+12025550110", "+12025550101", "+12025550112"]  # the second is busy


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_has_less_than_sixty_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < 60


def test_the_numbers_of_a_csv_file_are_called_once_though_the_example_runs_twice(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("name,number\n" + "".join(f"somebody,'{number}\n" for number in NUMBERS), "utf-8")
    command = [sys.executable, str(EXAMPLES / "campaign_from_csv.py"), str(file), "--url", stack.url]

    first, second = (subprocess.run(command, capture_output=True, text=True, timeout=60, check=True) for _ in range(2))

    assert first.stdout.splitlines()[-1] == second.stdout.splitlines()[-1] == "3 total, 2 completed, 1 busy"
    assert first.stdout.splitlines()[0] == second.stdout.splitlines()[0]
    assert sorted(call["to"] for call in stack.simulator.calls_to(*NUMBERS)) == sorted(NUMBERS)


def test_the_example_ends_with_the_sentence_of_the_api(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("number\n12\n", "utf-8")
    command = [sys.executable, str(EXAMPLES / "campaign_from_csv.py"), str(file), "--url", stack.url]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("400: phone_numbers.0: Phone number must be in E.164 format")


@pytest.mark.parametrize("receiver", ["receiver.py"], indirect=True)
def test_the_receiver_hears_each_event_of_a_call_in_order(stack: Stack, receiver: tuple[str, Process]) -> None:
    url, process = receiver
    task = stack.queue("queue-single-call", to_number="+12025550120", status_callback_url=f"{url}?order=4711")

    wait_until(lambda: " completed\n" in process.output, what="the last event has come")
    heard = [line.split()[1] for line in process.output.splitlines() if line.startswith(task)]
    assert heard == ["initiated", "ringing", "in-progress", "completed"]


@pytest.mark.parametrize("receiver", ["receiver.py", "clinic_receiver.py"], indirect=True)
def test_a_receiver_refuses_what_is_not_signed(receiver: tuple[str, Process]) -> None:
    url, process = receiver
    for signature in ({}, {"X-Twilio-Signature": "bm90IHNpZ25lZA=="}):
        answer = requests.post(url, data={"CallSid": "CA1", "CallStatus": "completed"}, headers=signature, timeout=10)
        assert answer.status_code == 403
    assert "completed" not in process.output
