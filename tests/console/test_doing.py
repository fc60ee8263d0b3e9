"""What a person does at the console: a call, a campaign from a file and all that can be done with it."""

import re

from playwright.sync_api import Page, expect

from tests.console.conftest import Open
from tests.console.steps import BUSY, form, queue_call
from tests.processes import wait_until
from tests.receiver import Receiver
from tests.stack import Stack

FILE = f"to_number,first_name\n+12025550110,Ada\nnobody,Bob\n{BUSY},Eve\n,Mallory\n+12025550112,Zoe\n"


def choose(page: Page, text: str) -> None:
    """Gives a file of recipients to the form of a campaign."""
    field = form(page, "Call many, from a file").get_by_label("A file of recipients")
    field.set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode()})


def test_a_call_is_queued_and_watched_to_its_end(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    queue_call(
        page, "+12025550100", "Hello {{first_name}}, {{pause 2}} this is a test.".replace("{{first_name}}", "Ada")
    )
    expect(page.get_by_role("blockquote").first).to_have_text("Hello Ada, 2 s of silence this is a test.")
    page.get_by_role("link", name="Follow it").click()
    main = page.get_by_role("main")
    expect(main.get_by_text("Call ended.")).to_be_visible()
    expect(main).to_contain_text("answered")
    expect(main).to_contain_text("+1202…00")
    expect(page.get_by_role("region", name="What happened")).to_contain_text("It ended")
    page.get_by_role("button", name="Show numbers").click()
    expect(main).to_contain_text("+12025550100")
    assert len(stack.simulator.calls_to("+12025550100")) == 1


def test_a_call_is_scheduled_seen_ahead_and_cancelled_there(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do", timezone_id="Asia/Kolkata")
    fields = form(page, "Call somebody")
    fields.get_by_label("Number", exact=True).fill("+12025550103")
    fields.get_by_label("When").select_option("time")
    day = page.evaluate("new Date(Date.now() + 86400e3).toISOString().slice(0, 10)")
    fields.get_by_label("Day and time").fill(f"{day}T15:30:00")
    fields.get_by_role("button", name="Schedule the call").click()
    expect(page.get_by_role("log")).to_contain_text("scheduled for")
    page.get_by_role("navigation").get_by_role("link", name="Ahead").click()
    expect(page.get_by_role("heading", name="The next three days, in Asia/Calcutta")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="+1202…03")
    expect(row).to_contain_text(re.compile(r"\b0?3:30(:00)? PM"))
    row.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("log")).to_contain_text("cancelled successfully")
    expect(row).to_have_count(0)


def test_a_campaign_from_a_file_is_looked_through_started_paused_resumed_retried_edited_and_cancelled(
    stack: Stack, visit: Open
) -> None:
    stack.simulator.script(BUSY, outcome="busy")
    stack.simulator.script("+12025550112", outcome="answered", talk_seconds=3000)  # so that it is not over too soon
    page = visit(stack.url, "#/do")
    choose(page, FILE)
    fields = form(page, "Call many, from a file")
    expect(fields.get_by_role("status")).to_have_text("3 numbers can be called; 2 lines cannot.")
    assert fields.get_by_role("row").all_inner_texts()[1:] == [
        "3\tnobody\tNot a number with + and its country's code.",
        "5\tMallory\tNo number in this line.",
    ]
    expect(fields.get_by_role("button", name="Start with 3 numbers")).to_be_disabled()
    fields.get_by_label("Leave out the lines with faults").check()
    fields.get_by_label("Name of the campaign").fill("From a file")
    fields.get_by_label("Seconds between two calls").fill("1")
    fields.get_by_label("Begins").select_option("paused")
    fields.get_by_role("button", name="Try it out").click()
    expect(page.get_by_role("log")).to_contain_text("nothing is queued. The last call would be over at")
    fields.get_by_role("button", name="Start with 3 numbers").click()
    page.get_by_role("link", name="Follow it").click()
    expect(page.get_by_role("heading", name="From a file")).to_be_visible()
    main = page.get_by_role("main")
    page.get_by_role("button", name="Resume").click()
    retry = main.get_by_role("button", name="Retry 1 busy or unanswered number")
    retry.click()
    wait_until(lambda: len(stack.simulator.calls_to(BUSY)) == 2, what="it is tried again")
    main.get_by_role("button", name="Add numbers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Recipients").fill("+12025550120\n+12025550121\n+12025550122")
    dialog.get_by_role("button", name="Add them").click()
    main.get_by_role("button", name="Edit").click()
    expect(dialog.get_by_label("Name")).to_have_attribute("placeholder", "From a file")
    dialog.get_by_label("Name").fill("Edited")
    dialog.get_by_label("What it says").fill("Hello again.")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("log")).to_contain_text("Saved.")
    main.get_by_role("button", name="Pause").click()
    expect(main.get_by_role("button", name="Resume")).to_be_visible()
    main.get_by_role("button", name="Cancel it").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the campaign").click()
    expect(main.get_by_role("button", name="Resume")).to_be_hidden()
    page.get_by_role("navigation").get_by_role("link", name="Campaigns").click()
    expect(page.get_by_role("row").filter(has_text="Edited")).to_contain_text("cancelled")


def test_a_call_is_found_by_its_number_and_its_undelivered_events_are_sent_again(stack: Stack, visit: Open) -> None:
    refuses = True
    receiver = Receiver(lambda _path, _form: 302 if refuses else 204)
    try:
        stack.queue("queue-single-call", to_number="+12025550104", status_callback_url=f"{receiver.url}/told")
        page = visit(stack.url, "#/events")
        row = page.get_by_role("row").filter(has_text="+1202…04")
        expect(row).to_contain_text("answered")
        refuses = False
        row.get_by_role("button", name="Send again").click()
        wait_until(lambda: "completed" in receiver.told("/told"))
        expect(row).to_have_count(0)
    finally:
        receiver.close()
    page.get_by_role("navigation").get_by_role("link", name="Calls").click()
    page.get_by_label("Number, id, or your own id").fill("+12025550104")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="+1202…04").click()
    happened = page.get_by_role("region", name="What happened")
    for word in ("It rings", "Somebody answered", "It ended"):
        expect(happened).to_contain_text(word)


def test_a_fault_that_the_server_finds_stands_at_its_field_or_line(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    fields = form(page, "Call somebody")
    fields.get_by_label("Number", exact=True).fill("12")
    fields.get_by_role("button", name="Queue the call").click()
    expect(fields.locator("small.fault")).to_contain_text("Phone number must be in E.164 format (e.g., +1234567890)")
    expect(fields.get_by_label("Number", exact=True)).to_be_focused()
    choose(page, "to_number\n+12025550100\n+911\n+12025550101")
    many = form(page, "Call many, from a file")
    many.get_by_role("button", name="Start with 3 numbers").click()
    expect(many.get_by_role("status")).to_have_text("2 numbers can be called; 1 line cannot.")
    expect(many.get_by_role("row").nth(1)).to_contain_text("3")
    expect(many.get_by_role("button", name="Start with 2 numbers")).to_be_disabled()


def test_nothing_can_be_done_with_a_campaign_before_it_is_known(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    choose(page, "+12025550116\n")
    form(page, "Call many, from a file").get_by_role("button", name="Start with 1 number").click()
    page.route("**/task-status/*", lambda _: None)  # Redis hangs
    page.get_by_role("link", name="Follow it").click()
    main = page.get_by_role("main")
    expect(main.get_by_role("button", name="CSV")).to_be_visible()
    for name in ("Pause", "Edit", "Add numbers", "Retry", "Cancel it"):
        expect(main.get_by_role("button", name=name)).to_be_hidden()
