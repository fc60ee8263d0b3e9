"""
`python -m tests.console.large`: a campaign of 100,000 numbers at the console.

How long each page takes until it shows what there is, and what 1,000 updates leave behind that 100 did not.
"""

import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser.chromium import launch
from tests.console.steps import PAGES, go
from tests.e2e.conftest import QUICK
from tests.stack import Stack

_AT_ONCE: Final = 1000
_ROUNDS: Final = 15
_MOST_MS: Final = 200
_MOST_GROWTH: Final = 1.1
_UPDATES: Final = (100, 1000)
#: Milliseconds from going to a page until it shows all that it asked for.
_SHOWN: Final = """
async (rest) => {
  const main = document.querySelector("main");
  const shown = () => main.dataset.page === rest && main.querySelector("h1") && !main.querySelector("[aria-busy]")
    && [...main.querySelectorAll("[role=status]")].every((one) => one.textContent !== "Asking…");
  const from = performance.now();
  location.hash = `#/${rest}`;
  while (!shown()) await new Promise((resolve) => setTimeout(resolve));
  return performance.now() - from;
}
"""
#: The same of the next page of a list.
_FURTHER: Final = """
async () => {
  const first = () => document.querySelector("main tbody > tr")?.dataset.key;
  const [before, from] = [first(), performance.now()];
  [...document.querySelectorAll("main button")].find((one) => one.textContent === "Further").click();
  while (first() === before) await new Promise((resolve) => setTimeout(resolve));
  return performance.now() - from;
}
"""
#: Looks follow each other without a pause, and each is told that every row is another.
_HURRY: Final = """
const [later, ask] = [setTimeout, fetch];
globalThis.setTimeout = (work, wait) => later(work, wait > 1000 && wait < 5000 ? 0 : wait);
Object.assign(globalThis, { updates: 0, wanted: 0 });
globalThis.fetch = async (...words) => {
  while (updates >= wanted) await new Promise((resolve) => later(resolve, 20));
  const answer = await ask(...words);
  if (!String(words[0]).includes("/calls")) return answer;
  const body = await answer.json();
  const outcome = ++updates % 2 ? "busy" : "no_answer";
  for (const one of body.calls) Object.assign(one, { outcome, external_id: `it was ${outcome}` });
  return new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
};
"""


class Took(NamedTuple):
    """Milliseconds that a page took, of several looks."""

    page: str
    middle: float
    most: float


def fill(stack: Stack, numbers: int) -> str:
    """A campaign of so many numbers, which goes on; its id."""
    some = [f"+1202{number:07}" for number in range(2_000_000, 2_000_000 + numbers)]
    campaign = stack.queue(
        "queue-bulk-calls", phone_numbers=some[:_AT_ONCE], delay_between_calls=1, name="A hundred thousand"
    )
    for first in range(_AT_ONCE, numbers, _AT_ONCE):
        body = {"phone_numbers": some[first : first + _AT_ONCE]}
        assert stack.post(f"tasks/{campaign}/recipients", body).status_code == 200
    return campaign


def times(page: Page, stack: Stack, campaign: str) -> Iterator[Took]:
    """How long each page takes, and each further page of the campaign's numbers."""
    for rest in (f"campaigns/{campaign}", *(f"{name}/" for name in PAGES)):
        took = []
        for _ in range(_ROUNDS):
            go(page, stack, "events" if rest == "do/" else "do")
            took.append(page.evaluate(_SHOWN, rest))
        yield Took(rest.replace(campaign, "…"), median(took), max(took))
    go(page, stack, f"campaigns/{campaign}")
    took = [page.evaluate(_FURTHER) for _ in range(_ROUNDS)]
    yield Took("campaigns/…, further", median(took), max(took))


def growth(page: Page, stack: Stack, campaign: str) -> dict[str, tuple[float, float]]:
    """Nodes, listeners and bytes of the campaign's page after so many updates, once its garbage is gone."""
    page.add_init_script(_HURRY)
    page.goto(f"{stack.url}/#/campaigns/{campaign}")
    inspector = page.context.new_cdp_session(page)
    inspector.send("Performance.enable")
    before, after = (_weight(page, inspector, updates) for updates in _UPDATES)
    return {name: (before[name], after[name]) for name in before}


def _weight(page: Page, inspector: CDPSession, updates: int) -> dict[str, float]:
    page.evaluate("(updates) => { wanted = updates; }", updates)
    page.wait_for_function("() => updates >= wanted && document.querySelector('main tbody > tr')", timeout=600_000)
    page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    for _ in range(2):  # elements that others still referred to go at the second time
        inspector.send("HeapProfiler.collectGarbage")
    told = {one["name"]: one["value"] for one in inspector.send("Performance.getMetrics")["metrics"]}
    return {name: told[name] for name in ("Nodes", "JSEventListeners", "JSHeapUsedSize")}


def main() -> None:
    """Prints the figures; ends with 1 if one is not as it should be."""
    parser = ArgumentParser(prog="python -m tests.console.large", description=__doc__)
    parser.add_argument("--numbers", type=int, default=100_000)
    numbers = parser.parse_args().numbers
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, launch(playwright) as browser:
        stack = Stack(Path(folder), QUICK)
        try:
            campaign = fill(stack.start(), numbers)
            took = list(times(browser.new_page(), stack, campaign))
            grew = growth(browser.new_page(), stack, campaign)
        finally:
            stack.stop()
    lines = [f"{one.page:24} median {one.middle:6.0f} ms, at most {one.most:6.0f} ms" for one in took]
    lines += [f"{name:24} {before:12,.0f} -> {after:12,.0f}" for name, (before, after) in grew.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    slow = any(one.middle > _MOST_MS for one in took)
    sys.exit(slow or any(after > _MOST_GROWTH * before for before, after in grew.values()))


if __name__ == "__main__":
    main()
