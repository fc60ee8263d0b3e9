"""All is reached by keyboard, and has a name that a screen reader says."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Open
from tests.console.steps import PAGES, go
from tests.stack import Stack

#: What a keyboard can reach, unless it is hidden or cannot be used; where a dialog is open, of that.
REACHED: Final = """
() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const whole = document.querySelector("dialog") ?? document;
  return [...whole.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((one) => !one.disabled && one.checkVisibility({visibilityProperty: true}))
    .map((one, at) => { one.dataset.reached = at; return one.outerHTML.slice(0, 80); });
}
"""


@pytest.fixture(scope="module")
def campaign(stack: Stack) -> str:
    """One that waits."""
    return stack.queue("queue-bulk-calls", phone_numbers=["+12025550160"], name="For hands", start="paused")


@pytest.mark.parametrize("rest", [*PAGES, "campaigns/{}", "calls/{}-1"])
def test_every_page_is_walked_through_by_keyboard_and_everything_has_a_name(
    stack: Stack, visit: Open, campaign: str, rest: str
) -> None:
    page = visit(stack.url, "#/now")
    go(page, stack, rest.format(campaign))
    page.context.set_offline(True)  # so that no row takes the place of another meanwhile
    wanted = page.evaluate(REACHED)
    assert len(wanted) >= 8
    page.evaluate("document.activeElement?.blur()")
    page.evaluate("getSelection().setPosition(document.body, 0)")
    assert missed(page, wanted) == []
    assert nameless(page, "main") == []
    assert page.get_by_role("main").count() == page.get_by_role("navigation").count() == 1
    assert page.get_by_role("navigation").locator("[aria-current=page]").count() == 1


@pytest.mark.parametrize("asking", ["Edit", "Add numbers", "Cancel it"])
def test_a_dialog_is_opened_walked_through_and_left_by_keyboard(
    stack: Stack, visit: Open, campaign: str, asking: str
) -> None:
    page = visit(stack.url, "#/now")
    go(page, stack, f"campaigns/{campaign}")
    button = page.get_by_role("main").get_by_role("button", name=asking, exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert missed(page, page.evaluate(REACHED)) == []
    assert nameless(page, "dialog") == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()


def missed(page: Page, wanted: list[str]) -> list[str]:
    """What the Tab key does not come to."""
    left = dict(enumerate(wanted))
    for _ in range(2 * len(wanted) + 25):  # fields of days and times have parts of their own
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement?.dataset.reached ?? ''")
        if at:
            left.pop(int(at), None)
        if not left:
            break
    return list(left.values())


def nameless(page: Page, where: str) -> list[str]:
    """Controls without a name that a screen reader could say."""
    snapshot = page.locator(where).aria_snapshot()
    roles = ("button", "link", "textbox", "combobox", "checkbox", "spinbutton", "img", "heading", "table")
    return [line for line in snapshot.splitlines() if line.strip(" -:") in roles]
