"""What a campaign's page counts of its calls: how far they got, and how long they lasted."""

import requests
from playwright.sync_api import expect

from tests.console.conftest import Open
from tests.console.steps import BUSY, SILENT, go
from tests.processes import BASE_PATH, wait_until
from tests.stack import Stack

ANSWERED = [f"+120255501{last}" for last in range(80, 84)]
STEPS = {f"under {most} s": most for most in (5, 10, 20, 30)}
STEPS |= {f"under {most} min": most * 60 for most in (1, 2, 5, 10)} | {"longer": 10**9}


def test_the_funnel_and_the_lengths_of_a_campaign_are_those_of_its_calls(stack: Stack, visit: Open) -> None:
    stack.simulator.script(BUSY, outcome="busy")
    stack.simulator.script(SILENT, outcome="no-answer")
    for number, seconds in zip(ANSWERED, (2, 7, 7, 70), strict=True):
        stack.simulator.script(number, outcome="answered", talk_seconds=seconds, digits="1")
    campaign = stack.queue(
        "queue-bulk-calls",
        phone_numbers=[*ANSWERED, BUSY, SILENT],
        delay_between_calls=1,
        gather={"num_digits": 1},
        call_metadata={"message": "Press a key."},
    )
    wait_until(lambda: stack.status(campaign)["status"] == "SUCCESS", what="all are called")
    page = visit(stack.url, f"#/campaigns/{campaign}")
    go(page, stack, f"campaigns/{campaign}")
    steps = page.get_by_role("main").locator("ol.funnel > li")
    lengths = page.get_by_role("region", name="How long its calls lasted").get_by_role("img")
    expect(lengths).to_have_attribute("aria-label", told(durations(stack, campaign)))
    page.set_viewport_size({"width": 375, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert [text.split() for text in steps.all_inner_texts()] == [
        ["6", "queued"],
        ["6", "dialled"],
        ["5", "rang"],
        ["4", "answered"],
        ["4", "pressed", "a", "key"],
    ]


def test_who_is_between_two_attempts_was_dialled(stack: Stack, visit: Open) -> None:
    stack.simulator.script(SILENT, outcome="no-answer")
    retry = {"max_attempts": 2, "delay_seconds": 3600}
    campaign = stack.queue("queue-bulk-calls", phone_numbers=[SILENT], retry=retry)
    wait_until(lambda: stack.status(campaign)["result"]["waiting_for"] == {"retry": 1}, what="it is to be tried again")
    page = visit(stack.url)
    go(page, stack, f"campaigns/{campaign}")
    steps = page.get_by_role("main").locator("ol.funnel > li")
    expect(steps).to_have_text(["1 queued", "1 dialled", "1 rang", "0 answered", "0 pressed a key"])


def durations(stack: Stack, campaign: str) -> list[int]:
    """Seconds of each call that was talked, as the API tells them."""
    calls = requests.get(f"{stack.url}{BASE_PATH}/tasks/{campaign}/calls", timeout=60).json()["calls"]
    found = [call["attempts"][-1]["duration_seconds"] for call in calls]
    assert len([one for one in found if one]) == len(ANSWERED)
    return [one for one in found if one]


def told(seconds: list[int]) -> str:
    """What a screen reader says of them."""
    parts, least = [], 0
    for name, most in STEPS.items():
        count = sum(least <= one < most for one in seconds)
        parts.append(f"{name}: {count} call{'' if count == 1 else 's'}")
        least = most
    return ", ".join(parts)
