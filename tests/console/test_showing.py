"""What the console shows: text as text, to eyes and hands of every kind."""

from typing import Final

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.console.conftest import Open
from tests.console.steps import PAGES, form, go, queue_call
from tests.stack import Stack

MARKUP: Final = '<img src="x" onerror="document.title=1"><script>document.title=2</script>&lt;b&gt;'
#: What a keyboard can reach, unless it is hidden or cannot be used.
REACHED: Final = """
[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((one) => !one.disabled && one.checkVisibility({visibilityProperty: true}))
  .map((one, at) => { one.dataset.reached = at; return one.outerHTML.slice(0, 80); })
"""


def test_markup_shows_as_text_wherever_it_is_written(stack: Stack, visit: Open) -> None:
    named = stack.queue(
        "queue-bulk-calls", recipients=[{"to_number": "+12025550140", "external_id": MARKUP}], name=MARKUP,
        call_metadata={"message": MARKUP, "voice": MARKUP, MARKUP: MARKUP},
    )  # fmt: skip
    page = visit(stack.url, "#/do")
    queue_call(page, "+12025550141", MARKUP)
    expect(page.get_by_role("blockquote").first).to_have_text(MARKUP)
    many = form(page, "Call many, from a file")
    many.get_by_label("Recipients", exact=True).fill(f'to_number,name\n"{MARKUP.replace(chr(34), chr(34) * 2)}",x')
    expect(many.get_by_role("row").nth(1)).to_contain_text("<img src=")
    go(page, stack, "campaigns")
    expect(page.get_by_role("link", name=MARKUP)).to_be_visible()
    go(page, stack, f"campaigns/{named}")
    expect(page.get_by_role("heading", name=MARKUP)).to_be_visible()
    expect(page.get_by_role("cell", name=MARKUP)).to_be_visible()
    go(page, stack, f"calls/{named}-1")
    expect(page.get_by_text(named).first).to_be_visible()
    go(page, stack, "calls")
    expect(page.get_by_role("cell", name=MARKUP)).to_be_visible()
    page.goto(f"{stack.url}/#/calls/%3Cimg%20src=x%20onerror=alert(1)%3E")
    expect(page.get_by_role("alert")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("img, main script").count() == 0
    assert page.title() == "Calls · Calls"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_walked_through_by_keyboard_and_everything_has_a_name(
    stack: Stack, visit: Open, scheme: str
) -> None:
    page = visit(stack.url, "#/now", color_scheme=scheme)
    for rest in PAGES if scheme == "light" else ("now",):
        go(page, stack, rest)
        page.context.set_offline(True)  # so that no row takes the place of another meanwhile
        wanted = page.evaluate(REACHED)
        assert len(wanted) >= 8
        page.evaluate("document.activeElement?.blur()")
        page.evaluate("getSelection().setPosition(document.body, 0)")
        assert missed(page, wanted) == [], rest
        assert nameless(page) == [], rest
        assert page.get_by_role("main").count() == page.get_by_role("navigation").count() == 1
        assert page.get_by_role("navigation").locator("[aria-current=page]").count() == 1
        page.context.set_offline(False)


def missed(page: Page, wanted: list[str]) -> list[str]:
    """What the Tab key does not come to."""
    left = dict(enumerate(wanted))
    for _ in range(2 * len(wanted) + 5):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement?.dataset.reached ?? ''")
        if at:
            left.pop(int(at), None)
        if not left:
            break
    return list(left.values())


def nameless(page: Page) -> list[str]:
    """Controls without a name that a screen reader could say."""
    snapshot = page.get_by_role("main").aria_snapshot()
    roles = ("button", "link", "textbox", "combobox", "checkbox", "spinbutton", "img", "heading", "table")
    return [line for line in snapshot.splitlines() if line.strip(" -:") in roles]


def test_at_the_width_of_a_telephone_nothing_is_wider_than_the_page(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/now", viewport={"width": 375, "height": 700})
    for rest in PAGES:
        go(page, stack, rest)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, rest


#: News as it comes, each frame another: the page must keep nothing of those before.
UPDATES: Final = """
async ([from, to]) => {
  const {live} = await import("./console/live.js");
  for (let at = from; at < to; at++) {
    const state = structuredClone(live.state);
    state.overview.calls.last_hour.push(at), state.overview.calls.last_hour.shift();
    state.overview.campaigns = Array.from({length: 10}, (_, n) =>
      ({task_id: `task-${(at + n) % 40}`, name: "x", waiting: at, waiting_for: "pace", live: n, max_live: 10}));
    state.overview.waiting.by_waiting_for = {pace: at, [at % 2 ? "schedule" : "worker"]: 1};
    live.state = state;
    live.dispatchEvent(new Event("news"));
    if (at % 50 === 0) await new Promise(requestAnimationFrame);
  }
}
"""


def test_a_thousand_updates_leave_nothing_behind_that_a_hundred_did_not(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/now")
    expect(page.get_by_role("heading", name="Calls a minute")).to_be_visible()
    page.context.set_offline(True)  # so that no other news comes between
    page.evaluate("""async () => (await import("./console/session.js")).session.dispatchEvent(new Event("key"))""")
    inspector = page.context.new_cdp_session(page)
    inspector.send("Performance.enable")
    page.evaluate(UPDATES, [0, 100])
    before = _weight(inspector)
    page.evaluate(UPDATES, [100, 1000])
    after = _weight(inspector)
    assert {name: (before[name], after[name]) for name in before if after[name] > 1.1 * before[name]} == {}


def _weight(inspector: CDPSession) -> dict[str, float]:
    """Elements, listeners and bytes of a page once its garbage is gone."""
    inspector.send("HeapProfiler.collectGarbage")
    told = {one["name"]: one["value"] for one in inspector.send("Performance.getMetrics")["metrics"]}
    return {name: told[name] for name in ("Nodes", "JSEventListeners", "JSHeapUsedSize")}
