"""Markup shows as text, whoever wrote it and wherever it stands."""

from typing import Final

from playwright.sync_api import Page, expect
from redis import Redis

from schemas import keys
from tests.console.conftest import Open
from tests.console.steps import form, go, queue_call
from tests.processes import wait_until
from tests.stack import Stack

MARKUP: Final = '<img src="x" onerror="document.title=1"><script>document.title=2</script>&lt;b&gt;'
_QUOTED: Final = '"' + MARKUP.replace('"', '""') + '"'


def harmless(page: Page) -> None:
    """Nothing of it became an element, or ran."""
    assert page.locator("img, main script, main b > *, dialog script").count() == 0
    assert page.title() not in {"1", "2"}


def test_in_names_ids_metadata_and_addresses(stack: Stack, visit: Open) -> None:
    named = stack.queue(
        "queue-bulk-calls", recipients=[{"to_number": "+12025550140", "external_id": MARKUP}], name=MARKUP,
        external_id=MARKUP, call_metadata={"message": MARKUP, "voice": MARKUP, MARKUP: MARKUP},
    )  # fmt: skip
    page = visit(stack.url, "#/campaigns")
    expect(page.get_by_role("link", name=MARKUP).first).to_be_visible()
    harmless(page)
    go(page, stack, f"campaigns/{named}")
    expect(page.get_by_role("heading", name=MARKUP)).to_be_visible()
    expect(page.get_by_role("cell", name=MARKUP)).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text=MARKUP)).to_be_visible()
    harmless(page)
    go(page, stack, f"calls/{named}-1")
    expect(page.get_by_text(named).first).to_be_visible()
    go(page, stack, "calls")
    expect(page.get_by_role("cell", name=MARKUP).first).to_be_visible()
    page.goto(f"{stack.url}/#/calls/%3Cimg%20src=x%20onerror=alert(1)%3E")
    expect(page.get_by_role("alert")).to_contain_text("<img src=x onerror=alert(1)>")
    harmless(page)
    assert page.title() == "Calls · Calls"


def test_in_what_a_call_says(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    queue_call(page, "+12025550141", MARKUP)
    expect(page.get_by_role("blockquote").first).to_have_text(MARKUP)
    harmless(page)


def test_in_numbers_cells_and_variables_of_a_file(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    many = form(page, "Call many, from a file")
    many.get_by_label("What it says").fill("Hello {{name}}.")
    lines = many.get_by_label("Recipients", exact=True)
    lines.fill(f"to_number,name\n{_QUOTED},x\n+12025550142,{_QUOTED}")
    expect(many.get_by_role("row").nth(1)).to_contain_text("<img src=")
    expect(many.get_by_role("blockquote")).to_have_text(f"Hello {MARKUP}.")
    lines.fill(f"to_number,name\n,{_QUOTED}")
    expect(many.get_by_role("row").nth(1)).to_contain_text("<img src=")
    harmless(page)
    many.get_by_label("Name of the campaign").fill(MARKUP)
    lines.fill(f"to_number,name\n+12025550142,{_QUOTED}")
    many.get_by_role("button", name="Start with 1 number").click()
    page.get_by_role("link", name="Follow it").click()
    expect(page.get_by_role("heading", name=MARKUP)).to_be_visible()
    harmless(page)


def test_in_an_error_of_twilios(stack: Stack, visit: Open) -> None:
    stack.simulator.fault(kind="refuse", to="+12025550143", code=21211, status=400)
    call = stack.queue("queue-single-call", to_number="+12025550143")
    wait_until(lambda: stack.status(call)["status"] == "FAILURE", what="Twilio refuses it")
    with Redis.from_url(stack.redis.url) as redis:
        redis.hset(keys.task(call), "error", MARKUP)
    page = visit(stack.url, f"#/calls/{call}")
    expect(page.get_by_role("definition").filter(has_text=MARKUP)).to_be_visible()
    harmless(page)
    go(page, stack, "calls")
    row = page.get_by_role("row").filter(has_text="+1202…43")
    expect(row.get_by_role("cell", name=MARKUP)).to_be_visible()
    harmless(page)
