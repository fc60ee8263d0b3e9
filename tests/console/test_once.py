"""Nobody is called twice, or too soon, by what a person presses: twice, by an Enter, or again for want of an answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from playwright.sync_api import Locator, Page, Route, expect

from tests.console.conftest import Open
from tests.console.steps import form, go
from tests.console.test_files import file_of, given
from tests.processes import BASE_PATH
from tests.stack import Stack

LATER = f"{datetime.now(UTC).date() + timedelta(9)}T12:00:00"


def unanswered(page: Page, path: str, times: int) -> None:
    """So many requests reach the server, and nobody hears what it says."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(f"**{path}", lose, times=times)


def named(stack: Stack, name: str) -> list[dict[str, Any]]:
    """Campaigns of a name."""
    query = {"kind": "bulk", "name": name}
    tasks: list[dict[str, Any]] = requests.get(f"{stack.url}{BASE_PATH}/tasks", query, timeout=20).json()["tasks"]
    return tasks


def ready(page: Page, name: str, *numbers: str) -> Locator:
    """The form of a campaign, filled in so that it begins paused."""
    fields = given(page, file_of(*numbers))
    fields.get_by_label("Name of the campaign").fill(name)
    fields.get_by_label("Begins").select_option("paused")
    return fields


def test_a_campaign_begins_neither_without_the_day_and_time_it_is_to_begin_at_nor_with_half_of_it(
    stack: Stack, visit: Open
) -> None:
    page = visit(stack.url, "#/do")
    fields = ready(page, "Not now", "+12025550130")
    fields.get_by_label("Begins").select_option("At a day and time")
    start, when = fields.get_by_role("button", name="Start with 1 number"), fields.get_by_label("Day and time")
    start.click()
    expect(when).to_be_focused()
    expect(when).to_have_attribute("aria-invalid", "true")
    page.keyboard.type("1231")  # a month and a day
    start.click()
    expect(fields.locator("small.fault")).to_have_count(1)
    assert named(stack, "Not now") == []


def test_a_number_that_is_none_is_a_fault_and_not_taken_for_empty(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = ready(page, "Too many at once", "+12025550130")
    fields.get_by_label("Most calls at once").press_sequentially("1-")
    fields.get_by_role("button", name="Start with 1 number").click()
    expect(fields.get_by_label("Most calls at once")).to_have_attribute("aria-invalid", "true")
    assert named(stack, "Too many at once") == []


def test_a_campaign_is_queued_once_however_often_its_answer_is_lost(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = ready(page, "Lost answers", "+12025550131")
    unanswered(page, "/queue-bulk-calls", 2)
    start = fields.get_by_role("button", name="Start with 1 number")
    start.click()
    expect(page.get_by_role("log")).to_contain_text("The server does not answer")
    start.click()
    expect(page.get_by_role("log")).to_contain_text("queued successfully")
    assert len(named(stack, "Lost answers")) == 1


def test_a_campaign_that_is_queued_is_not_offered_to_be_queued_again(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = ready(page, "Begun", "+12025550131")
    fields.get_by_role("button", name="Start with 1 number").click()
    expect(page.get_by_role("log")).to_contain_text("queued successfully")
    expect(fields.get_by_role("button", name="Start the campaign")).to_be_disabled()


def test_a_campaign_is_started_by_its_button_and_not_by_an_enter_in_a_field(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = ready(page, "By an Enter", "+12025550132")
    fields.get_by_label("Name of the campaign").press("Enter")
    start = fields.get_by_role("button", name="Start with 1 number")
    start.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("queued successfully")
    assert len(named(stack, "By an Enter")) == 1


def test_what_is_typed_while_a_campaign_is_queued_does_not_let_it_be_queued_beside(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    page.route("**/queue-bulk-calls", lambda _: None)
    fields = ready(page, "Slow", "+12025550133")
    fields.get_by_role("button", name="Start with 1 number").click()
    fields.get_by_label("Recipients", exact=True).fill("+12025550133\n+12025550134")
    expect(fields.get_by_role("button", name="Start with 2 numbers")).to_be_disabled()


def test_a_call_is_queued_once_by_two_clicks_however_fast_the_first_is_answered(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = form(page, "Call somebody")
    fields.get_by_label("When").select_option("time")
    fields.get_by_label("Number", exact=True).fill("+12025550135")
    fields.get_by_label("Day and time").fill(LATER)
    send = fields.get_by_role("button", name="Schedule the call")
    answers = []
    for _ in range(2):
        with page.expect_response("**/schedule-call") as answered:
            send.click()
        answers.append(answered.value.json()["task_id"])
    assert answers[0] == answers[1]


def test_numbers_are_added_once_however_often_they_are_sent(stack: Stack, visit: Open) -> None:
    campaign = stack.queue("queue-bulk-calls", phone_numbers=["+12025550136"], start="paused")
    page = visit(stack.url)
    go(page, stack, f"campaigns/{campaign}")
    unanswered(page, "/recipients", 1)
    page.get_by_role("main").get_by_role("button", name="Add numbers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Recipients").fill("+12025550137\n+12025550138")
    dialog.get_by_role("button", name="Add them").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The server does not answer")
    expect(dialog.get_by_label("Recipients")).to_have_value("+12025550137\n+12025550138")
    dialog.get_by_role("button", name="Add them").dblclick()
    expect(page.get_by_role("log")).to_contain_text("2 numbers added")
    assert stack.status(campaign)["result"]["counts"]["total"] == 3


def test_those_that_could_not_be_added_are_added_to_the_campaign_of_the_others(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = ready(page, "In two parts", *(f"+1202{number:07d}" for number in range(5_556_000, 5_557_200)))
    unanswered(page, "/recipients", 2)
    fields.get_by_role("button", name="Start with 1,200 numbers").click()
    expect(page.get_by_role("log")).to_contain_text("The first 1,000 numbers are queued; the others are not.")
    fields.get_by_role("button", name="Add the other 200 numbers").click()
    expect(page.get_by_role("log")).to_contain_text("200 numbers added")
    (campaign,) = named(stack, "In two parts")
    assert campaign["result"]["counts"]["total"] == 1200


def test_who_edits_the_list_of_a_campaign_that_was_queued_in_part_queues_nobody_twice(
    stack: Stack, visit: Open
) -> None:
    page = visit(stack.url, "#/do")
    numbers = [f"+1202{number:07d}" for number in range(5_560_000, 5_561_100)]
    fields = ready(page, "In parts, edited", *numbers)
    page.route("**/recipients", lambda route: route.fulfill(status=429, json={"detail": "Too many.", "code": "x"}))
    fields.get_by_role("button", name="Start with 1,100 numbers").click()
    expect(page.get_by_role("log")).to_contain_text("The first 1,000 numbers are queued; the others are not.")
    page.unroute("**/recipients")
    fields.get_by_role("textbox", name="Recipients").fill("")
    fields.get_by_role("textbox", name="Recipients").fill("\n".join([*numbers[:-1], "+12025561150"]))
    fields.get_by_role("button", name="Add the other 100 numbers").click()
    expect(page.get_by_role("log")).to_contain_text("100 numbers added")
    (campaign,) = named(stack, "In parts, edited")
    assert campaign["result"]["counts"]["total"] == 1100
    fields.get_by_role("textbox", name="Recipients").fill("+12025560000")
    expect(fields.get_by_role("button", name="Start with 1 number")).to_be_enabled()  # another campaign


def test_a_second_click_on_pause_does_not_resume(stack: Stack, visit: Open) -> None:
    campaign = stack.queue("queue-bulk-calls", phone_numbers=["+12025550139"], schedule_time=LATER, timezone="UTC")
    page = visit(stack.url)
    go(page, stack, f"campaigns/{campaign}")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.method + one.url) if one.method == "POST" else None)
    button = page.locator("main [data-act=pause]")
    button.click()
    expect(button).to_have_text("Resume")
    button.dispatch_event("click", {"detail": 2})  # of a double click: the first was answered faster
    button.dispatch_event("click", {"detail": 1})
    expect(button).to_have_text("Pause")
    assert [one.rpartition("/")[2] for one in asked] == ["pause", "resume"]


def test_who_closes_a_tab_in_the_middle_of_queueing_is_asked_first(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    page.route("**/queue-bulk-calls", lambda _: None)
    ready(page, "Closed", "+12025550133").get_by_role("button", name="Start with 1 number").click()
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
