"""Every option of a call, over HTTP, through a worker, to the simulator and what is heard there."""

from typing import Any

import pytest
import requests

from tests.processes import BASE_PATH, wait_until
from tests.stack import Stack

MESSAGE = {"message": "Dear {{name}}, {{pause 1}} your appointment is at {{time}}."}
VARIABLES = {"name": "Ada", "time": "ten"}


def walk(stack: Stack, number: str, script: dict[str, Any], **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What became of a call to a number that behaves so, and what the simulator witnessed of it."""
    stack.simulator.script(number, **script)
    task = stack.queue("queue-single-call", to_number=number, call_metadata=MESSAGE, variables=VARIABLES, **fields)
    wait_until(lambda: stack.status(task)["result"].get("ended_at"), what="the call has ended")
    (call,) = stack.simulator.calls_to(number)
    return dict(stack.status(task)["result"]), call


def test_what_is_wanted_of_the_line_reaches_twilio_and_comes_back(public: Stack) -> None:
    result, call = walk(
        public,
        "+12025559001",
        {"outcome": "answered", "talk_seconds": None},
        ring_timeout_seconds=20,
        max_call_seconds=90,
        send_digits="w1#",
        record=True,
        priority="high",
    )
    sent = {name: call["params"][name] for name in ("Timeout", "TimeLimit", "SendDigits")}
    assert sent == {"Timeout": ["20"], "TimeLimit": ["90"], "SendDigits": ["w1#"]}
    assert call["params"]["Record"][0].lower() == "true"
    assert result["recording_sid"] == call["recording_sid"]
    heard = [line for line in call["heard"] if not line.startswith("SendDigits")]
    assert heard == ["Say: Dear Ada,", "Pause: 1 s", "Say: your appointment is at ten.", "Hangup"]
    assert result["outcome"] == "answered"


@pytest.mark.parametrize(
    ("number", "machine", "heard"),
    [
        (
            "+12025559002",
            {"on_machine": "leave_message", "message": "Call us, {{name}}."},
            ["Say: Call us, Ada.", "Hangup"],
        ),
        ("+12025559003", {"on_machine": "hang_up"}, ["Hangup"]),
    ],
)
def test_a_machine_hears_what_is_for_it_and_is_the_outcome(
    public: Stack, number: str, machine: dict[str, str], heard: list[str]
) -> None:
    result, call = walk(public, number, {"outcome": "machine", "talk_seconds": None}, machine=machine, gather={})
    assert call["heard"] == heard
    assert result["outcome"] == "machine"
    assert result["answered_by"].startswith("machine")


def test_keys_are_asked_for_and_shown(public: Stack) -> None:
    script = {"outcome": "answered", "talk_seconds": None, "digits": "12#"}
    gather = {"num_digits": 4, "prompt": "Your code, {{name}}?"}
    result, call = walk(public, "+12025559004", script, gather=gather)
    assert "Say: Your code, Ada?" in call["heard"]
    assert result["digits"] == "12"


def test_whoever_opts_out_is_not_called_again_by_anything_that_was_accepted(public: Stack) -> None:
    number = "+12025559005"
    later = public.queue("queue-single-call", to_number=number, delay_seconds=3600)
    script = {"outcome": "answered", "talk_seconds": None, "digits": "9"}
    result, call = walk(public, number, script, opt_out_digit="9")
    assert result["digits"] == "9"
    assert "Say: You will not be called again. Goodbye." in call["heard"]

    listed = requests.get(f"{public.url}{BASE_PATH}/do-not-call/{number}", timeout=20).json()
    assert (listed["way"], listed["to_number"]) == ("key_press", number)
    assert public.post("queue-single-call", {"to_number": number}).status_code == 403
    campaign = public.post("queue-bulk-calls", {"phone_numbers": [number, "+12025559006"]}).json()
    assert [one["reason"] for one in campaign["skipped"]] == ["do_not_call"]
    assert public.status(later)["result"]["outcome"] == "waiting"
