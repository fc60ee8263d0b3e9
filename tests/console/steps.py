"""What people do at the console, step by step: for tests, pictures and looks for barriers."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.stack import Stack

PAGES: Final = ("now", "campaigns", "calls", "ahead", "events", "do")
BUSY, SILENT = "+12025550198", "+12025550199"


def go(page: Page, stack: Stack, rest: str) -> None:
    """Goes to one of the pages, and waits until it has told what there is, in its lists too."""
    page.goto(f"{stack.url}/#/{rest}")
    expect(page.locator("main")).to_have_attribute("data-page", rest if "/" in rest else f"{rest}/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Asking…")).to_have_count(0)
    expect(page.locator("[aria-busy]")).to_have_count(0)


def form(page: Page, name: str) -> Locator:
    """The form of a section of Do."""
    return page.get_by_role("region", name=name)


def queue_call(page: Page, number: str, message: str = "Hello, this is a test.") -> None:
    """Queues a call at Do; its answer is told."""
    fields = form(page, "Call somebody")
    fields.get_by_label("Number", exact=True).fill(number)
    fields.get_by_label("What it says").fill(message)
    fields.get_by_role("button", name="Queue the call").click()
    expect(page.get_by_role("log")).to_contain_text("queued successfully")


def start_campaign(page: Page, lines: Iterable[str], *, count: int, name: str = "", seconds: int = 1) -> None:
    """Starts a campaign from a file at Do."""
    fields = form(page, "Call many, from a file")
    data = "\n".join(lines).encode()
    fields.get_by_label("A file of recipients").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": data}
    )
    if name:
        fields.get_by_label("Name of the campaign").fill(name)
    fields.get_by_label("Seconds between two calls").fill(str(seconds))
    fields.get_by_role("button", name=f"Start with {count} numbers").click()
    expect(page.get_by_role("log")).to_contain_text("queued successfully")


def fill_up(stack: Stack) -> str:
    """A stack with something of everything to show; the id of its campaign."""
    stack.simulator.script(BUSY, outcome="busy")
    stack.simulator.script(SILENT, outcome="no-answer")
    numbers = [f"+120255501{last:02}" for last in range(40)]
    said = {"message": "Hello from the clinic. Your appointment is tomorrow at ten. Goodbye."}
    body = {"phone_numbers": [BUSY, SILENT, *numbers], "delay_between_calls": 1, "call_metadata": said}
    campaign = stack.queue("queue-bulk-calls", **body, name="Reminders of Friday")
    stack.queue("queue-bulk-calls", phone_numbers=numbers[:6], delay_between_calls=1, name="Survey")
    for number in numbers[:4]:
        stack.queue("queue-single-call", to_number=number, call_metadata=said)
    for day in (1, 1, 2, 9):
        when = f"{datetime.now(UTC).date() + timedelta(day)}T15:00:00Z"
        stack.queue("schedule-call", to_number=numbers[day], schedule_time=when)
    return campaign
