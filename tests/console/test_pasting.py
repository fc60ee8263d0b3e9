"""Numbers, keys and tables as people paste them: from letters, address books, spreadsheets and other files."""

import json
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.console.conftest import Open
from tests.console.steps import form, go
from tests.processes import BASE_PATH
from tests.stack import Stack

NUMBER = "+12025550145"
PASTED = (
    "+1 (202) 555-0145",
    "tel:+1-202-555-0145",
    "\u202a+1\u00a0202\u00a0555\u00a00145\u202c",  # an address book's, with marks of direction
    "+1\u2011202\u2011555\u20110145\u200b",  # a letter's, whose hyphens keep it on one line
)


@pytest.fixture
def bodies(stack: Stack, visit: Open) -> tuple[Page, list[Any]]:
    """A page, and the bodies that it sends."""
    page, sent = visit(stack.url, "#/do"), list[Any]()
    page.on("request", lambda one: sent.append(json.loads(one.post_data)) if one.post_data else None)
    return page, sent


@pytest.mark.parametrize("pasted", PASTED)
def test_a_number_may_be_written_in_any_way_wherever_one_is_asked_for(
    stack: Stack, bodies: tuple[Page, list[Any]], pasted: str
) -> None:
    page, sent = bodies
    call = form(page, "Call somebody")
    call.get_by_label("Number", exact=True).fill(pasted)
    with page.expect_response("**/queue-single-call") as answered:
        call.get_by_role("button", name="Queue the call").click()
    assert answered.value.status == 200
    barred = form(page, "Do not call")
    barred.get_by_label("Numbers not to be called any more").fill(f"{pasted} \n +12025550146, +12025550147 {pasted}")
    with page.expect_response("**/do-not-call") as answered:
        barred.get_by_role("button", name="Put them on the list").click()
    assert sent[0]["to_number"] == NUMBER
    assert sent[1] == {"phone_numbers": [NUMBER, "+12025550146", "+12025550147", NUMBER]}
    url = f"{stack.url}{BASE_PATH}/do-not-call/{NUMBER}"
    assert requests.delete(url, params={"reason": "a test"}, timeout=20).status_code == 200
    go(page, stack, "calls")
    page.get_by_label("Number, id, or your own id").fill(pasted)
    with page.expect_request(lambda one: "to_number=%2B12025550145" in one.url):
        page.get_by_role("button", name="Search").click()


def test_of_a_file_too_but_not_with_a_zero_that_is_dialled_within_a_country_only(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = form(page, "Call many, from a file")
    lines = [*PASTED, "+44 (0)20 7946 0958", "+44 (20) 7946 0958"]
    fields.get_by_label("Recipients", exact=True).fill("\n".join(lines))
    expect(fields.get_by_role("status")).to_have_text(
        "2 numbers can be called, 3 of the lines repeat one; 1 line cannot."
    )


@pytest.mark.parametrize("said", ["Hello {{First_Name}}.", "Hello."])
def test_numbers_are_added_with_those_of_a_files_columns_that_the_campaign_speaks(
    stack: Stack, bodies: tuple[Page, list[Any]], said: str
) -> None:
    page, sent = bodies
    ada = {"to_number": "+12025550148", "variables": {"First_Name": "Ada"}}
    message = {"message": said}
    campaign = stack.queue("queue-bulk-calls", recipients=[ada], call_metadata=message, start="paused")
    go(page, stack, f"campaigns/{campaign}")
    page.get_by_role("main").get_by_role("button", name="Add numbers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Recipients").fill("to_number,external_id,First Name,secret\n+12025550149,crm-1,Bob,x\n")
    dialog.get_by_role("button", name="Add them").click()
    expect(page.get_by_role("log")).to_contain_text("1 number added")
    spoken = {"variables": {"First_Name": "Bob"}} if "{" in said else {}
    assert sent[-1] == {"recipients": [{"to_number": "+12025550149", "external_id": "crm-1", **spoken}]}
    assert "secret" not in json.dumps(sent)


def adding(page: Page, stack: Stack, campaign: str, text: str) -> Locator:
    """The dialog in which that text was to be added to a campaign."""
    go(page, stack, f"campaigns/{campaign}")
    page.get_by_role("main").get_by_role("button", name="Add numbers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Recipients").fill(text)
    dialog.get_by_role("button", name="Add them").click()
    return dialog


def test_a_column_that_the_campaign_speaks_and_the_file_has_not_is_told(stack: Stack, visit: Open) -> None:
    ada = {"to_number": "+12025550148", "variables": {"name": "Ada"}}
    said = {"message": "Hello {{name}}."}
    campaign = stack.queue("queue-bulk-calls", recipients=[ada], call_metadata=said, start="paused")
    dialog = adding(visit(stack.url), stack, campaign, "to_number,city\n+12025550149,Rome\n")
    expect(dialog.get_by_role("alert").first).to_contain_text("Must hold name, which the message names.")
    expect(dialog.get_by_label("Recipients")).to_have_value("to_number,city\n+12025550149,Rome\n")


def test_a_number_that_cannot_be_added_is_told_once_and_with_its_line(stack: Stack, visit: Open) -> None:
    campaign = stack.queue("queue-bulk-calls", phone_numbers=["+12025550148"], start="paused")
    dialog = adding(visit(stack.url), stack, campaign, "to_number\n+12025550149\n\n+911\n")
    told = "Line 4: Must not be an emergency number: the service never dials one."
    expect(dialog.get_by_role("alert")).to_have_text(told)


def test_a_key_pasted_with_what_cannot_be_seen_is_asked_for_again_and_not_sent(stack: Stack, visit: Open) -> None:
    page = visit(stack.url)
    keys: list[str | None] = []
    page.on("request", lambda one: keys.append(one.headers.get("x-api-key")))
    page.route("**/api/**", lambda route: route.fulfill(status=401, json={"detail": "A key.", "code": "unauthorized"}))
    page.reload()
    dialog = page.get_by_role("dialog")
    secret = dialog.get_by_label("Secret of the key")
    secret.fill("a-secret\u200b-of-a-letter")
    dialog.get_by_role("button", name="Use it").click()
    assert secret.evaluate("one => one.validity.patternMismatch")
    secret.fill("  a-secret-of-a-letter\u00a0")
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog.get_by_text("not one of the server's")).to_be_visible()
    assert {key for key in keys if key} == {"a-secret-of-a-letter"}


def test_a_file_that_was_put_right_can_be_chosen_again(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    chooses = form(page, "Call many, from a file").get_by_label("A file of recipients")
    chooses.set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": b"nobody"})
    with page.expect_file_chooser():
        chooses.click()
    assert chooses.input_value() == ""  # a browser tells only of a change
