"""What may be said of a call or a campaign besides its words: it reaches the API as it takes it."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import Open
from tests.console.steps import form, go
from tests.console.test_doing import choose
from tests.stack import Stack

ALWAYS = "mon-fri 00:00-24:00; sat,sun 00:00-24:00"
WINDOWS = [
    {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "00:00", "end": "24:00"},
    {"days": ["sat", "sun"], "start": "00:00", "end": "24:00"},
]
OF_EACH = {
    "Days and hours": ALWAYS,
    "In whose time": "Europe/Berlin",
    "But not on these days": "2099-12-25, 2099-12-26",
    "Attempts at most": "3",
    "Minutes between two": "30",
    "Priority": "high",
    "Seconds it rings": "20",
    "Seconds it lasts at most": "90",
}
BODY_OF_EACH = {
    "calling_windows": {
        "windows": WINDOWS,
        "timezone": "Europe/Berlin",
        "days_off": ["2099-12-25", "2099-12-26"],
    },
    "retry": {"max_attempts": 3, "delay_seconds": 1800, "on": ["busy", "no_answer", "failed", "machine"]},
    "priority": "high",
    "ring_timeout_seconds": 20,
    "max_call_seconds": 90,
}


def fill(fields: Locator, values: dict[str, str]) -> None:
    """Opens all that is folded, and fills in fields by their labels."""
    for folded in fields.locator("details > summary").all():
        if folded.evaluate("one => !one.parentElement.open"):
            folded.click()
    for label, value in values.items():
        one = fields.get_by_label(label, exact=True)
        if one.evaluate("one => one.tagName") == "SELECT":
            one.select_option(value)
        else:
            one.fill(value)


def sent(page: Page, button: Locator, path: str) -> Any:
    """The body that a button sends, which must be taken."""
    with page.expect_response(lambda answer: answer.url.endswith(path) and answer.request.method != "GET") as answered:
        button.click()
    assert answered.value.status == 200, answered.value.text()
    return json.loads(answered.value.request.post_data or "")


def test_each_option_of_a_call_is_said_as_the_api_takes_it(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = form(page, "Call somebody")
    fill(fields, OF_EACH | {"Number": "+12025550150", "Keys to ask for": "4", "Asked for with": "Your code, please."})
    fill(fields, {"Seconds to wait for a key": "9", "Key that opts out": "9"})
    fill(fields, {"If it was": "any of these, or a machine", "Not begun by": "2099-01-01T12:00"})
    fill(fields, {"Caller id": "+15005550006", "If a machine answers": "find out, and hang up"})
    fields.get_by_label("Record the call").check()
    body = sent(page, fields.get_by_role("button", name="Queue the call"), "queue-single-call")
    assert body.pop("expires_at").startswith("2099-01-01T")
    assert body == BODY_OF_EACH | {
        "to_number": "+12025550150",
        "from_number": "+15005550006",
        "machine": {"on_machine": "hang_up"},
        "gather": {"num_digits": 4, "prompt": "Your code, please.", "timeout_seconds": 9},
        "opt_out_digit": "9",
        "record": True,
    }


def test_what_is_left_empty_is_not_said(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = form(page, "Call somebody")
    fill(fields, {"Number": "+12025550151", "Keys pressed for it": "ww1#"})
    body = sent(page, fields.get_by_role("button", name="Queue the call"), "queue-single-call")
    assert body == {"to_number": "+12025550151", "send_digits": "ww1#"}


def test_a_campaign_has_caller_ids_a_beginning_and_what_stops_it_and_all_may_change(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do", timezone_id="Asia/Kolkata")
    choose(page, "+12025550152\n+12025550153")
    fields = form(page, "Call many, from a file")
    fill(fields, {"Caller ids": "+15005550006, +15005550007", "Begins": "At a day and time"})
    fill(fields, {"Day and time": "2099-01-01T12:00"})
    fields.get_by_role("button", name="Start with 2 numbers").click()
    expect(fields.locator("small.fault")).to_contain_text("365 days")
    day = page.evaluate("new Date(Date.now() + 864e5 * 30).toISOString().slice(0, 10)")
    fill(fields, {"Day and time": f"{day}T12:00", "Of the last numbers": "20", "Percent that failed": "30"})
    fill(fields, {"Percent that were short": "50", "Short is under so many seconds": "4"})
    body = sent(page, fields.get_by_role("button", name="Start with 2 numbers"), "queue-bulk-calls")
    assert body == {
        "recipients": [{"to_number": "+12025550152"}, {"to_number": "+12025550153"}],
        "from_numbers": ["+15005550006", "+15005550007"],
        "schedule_time": f"{day}T12:00",
        "timezone": "Asia/Calcutta",
        "stop_if": {"of_last": 20, "failed_share": 0.3, "short_call_share": 0.5, "short_call_seconds": 4},
        "dry_run": False,
    }
    page.get_by_role("link", name="Follow it").click()
    page.get_by_role("main").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    fill(dialog, OF_EACH | {"Day and time": f"{day}T13:00", "Name of the campaign": "Later", "Most calls at once": "2"})
    dialog.get_by_label("Never any more").check()
    edit = sent(page, dialog.get_by_role("button", name="Save"), str(page.url.rsplit("/", 1)[-1]))
    assert edit == BODY_OF_EACH | {
        "retry": {"max_attempts": 3, "delay_seconds": 1800},
        "schedule_time": f"{day}T13:00",
        "timezone": "Asia/Calcutta",
        "name": "Later",
        "max_concurrent_calls": 2,
        "stop_if": None,
    }
    expect(page.get_by_role("heading", level=1)).to_have_text("Later")


def test_a_scheduled_call_may_change_and_what_cannot_be_stands_at_its_field(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    day = page.evaluate("new Date(Date.now() + 864e5 * 20).toISOString().slice(0, 10)")
    call = stack.queue("schedule-call", to_number="+12025550154", schedule_time=f"{day}T12:00:00Z")
    go(page, stack, f"calls/{call}")
    page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    fill(dialog, {"Attempts at most": "2", "If it was": "any of these, or a machine"})
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("If it was")).to_have_attribute("aria-invalid", "true")
    fill(dialog, {"If it was": "busy", "Days and hours": "mon 9-17"})
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Days and hours", exact=True)).to_be_focused()
    expect(dialog.locator("small.fault")).to_contain_text("mon-fri 09:00-17:00")
    fill(dialog, {"Days and hours": "", "Priority": "low", "What it says": "Other words."})
    dialog.get_by_label("No days and hours any more").check()
    edit = sent(page, dialog.get_by_role("button", name="Save"), call)
    assert edit == {
        "retry": {"max_attempts": 2, "on": ["busy"]},
        "calling_windows": None,
        "priority": "low",
        "call_metadata": {"message": "Other words."},
    }
    expect(page.get_by_role("log")).to_contain_text("Saved.")


def test_a_figure_that_is_too_large_is_told_in_the_unit_of_its_field(stack: Stack, visit: Open) -> None:
    """The API's own sentence was about seconds and shares, where people say minutes and percent."""
    page = visit(stack.url, "#/do")
    fields = form(page, "Call many, from a file")
    choose(page, "+12025550152")
    fill(fields, {"Begins": "paused", "Attempts at most": "2", "Minutes between two": "20000"})
    fields.get_by_role("button", name="Start with 1 number").click()
    expect(fields.locator("small.fault")).to_have_text("Value must be less than or equal to 10080.")
    fill(fields, {"Minutes between two": "60", "Of the last numbers": "20", "Percent that opted out": "150"})
    fields.get_by_role("button", name="Start with 1 number").click()
    expect(fields.locator("small.fault")).to_have_text("Value must be less than or equal to 100.")
    fill(fields, {"Percent that opted out": "0.5"})
    body = sent(page, fields.get_by_role("button", name="Start with 1 number"), "queue-bulk-calls")
    assert body["stop_if"] == {"of_last": 20, "opt_out_share": 0.005}
