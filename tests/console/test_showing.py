"""The console on small screens, and over a long time."""

from typing import Final

from playwright.sync_api import CDPSession, expect

from tests.console.conftest import Open
from tests.console.steps import PAGES, go
from tests.receiver import Receiver
from tests.stack import Stack


def test_at_the_width_of_the_smallest_telephone_nothing_is_wider_than_the_page(stack: Stack, visit: Open) -> None:
    campaign = stack.queue("queue-bulk-calls", phone_numbers=["+12025550170"], name="x" * 200, start="paused")
    receiver = Receiver(lambda _path, _form: 302)
    stack.queue("queue-single-call", to_number="+12025550171", status_callback_url=f"{receiver.url}/told")
    page = visit(stack.url, "#/events", viewport={"width": 320, "height": 700})
    expect(page.get_by_role("row").filter(has_text="+1202…71")).to_contain_text("answered")
    receiver.close()
    for rest in (*PAGES, f"calls/{campaign}-1", f"campaigns/{campaign}"):
        go(page, stack, rest)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, rest
    page.get_by_role("main").get_by_role("button", name="Edit").click()
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.get_by_role("dialog").evaluate("one => one.scrollWidth - one.clientWidth") == 0


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
