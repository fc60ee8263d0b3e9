"""Coming back: to a page, to a list, to a tab, after a while."""

import pytest
from playwright.sync_api import Page, expect
from redis import Redis

from schemas import keys
from tests.console.conftest import Open
from tests.console.steps import form, go
from tests.processes import wait_until
from tests.stack import Stack


@pytest.fixture(scope="module")
def campaign(stack: Stack) -> str:
    """One of more numbers than a page shows."""
    numbers = [f"+1202{number:07d}" for number in range(5_558_000, 5_558_120)]
    return stack.queue("queue-bulk-calls", phone_numbers=numbers, name="Long", start="paused")


def test_who_comes_back_to_a_list_finds_its_filter_and_its_page(stack: Stack, visit: Open, campaign: str) -> None:
    page = visit(stack.url)
    go(page, stack, f"campaigns/{campaign}")
    page.get_by_label("Outcome").select_option("waiting")
    numbers = page.get_by_role("region", name="Its numbers")
    further = numbers.get_by_role("button", name="Further")
    further.evaluate("one => { one.click(); one.click() }")  # one page further: what that led to is not known yet
    row = numbers.locator(f"tr[data-key='{campaign}-51']")
    expect(row).to_be_visible()
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One call")
    page.go_back()
    expect(row).to_be_visible()
    expect(page.get_by_label("Outcome")).to_have_value("waiting")
    page.reload()
    expect(row).to_be_visible()
    numbers.get_by_role("button", name="Back").click()
    expect(numbers.locator(f"tr[data-key='{campaign}-1']")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Calls").click()
    expect(page.get_by_label("Outcome")).to_have_value("")


def test_who_comes_back_to_calls_finds_what_they_searched_for(stack: Stack, visit: Open) -> None:
    call = stack.queue("queue-single-call", to_number="+12025550165", delay_seconds=3600)
    stack.queue("queue-single-call", to_number="+12025550166", delay_seconds=3600)
    page = visit(stack.url)
    go(page, stack, "calls")
    page.get_by_label("Number, id, or your own id").fill("+12025550165")
    page.keyboard.press("Enter")
    rows = page.locator("main tbody > tr")
    expect(rows).to_have_count(1)
    rows.get_by_role("link").click()
    expect(page.get_by_role("definition").filter(has_text=call)).to_be_visible()
    page.go_back()
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Number, id, or your own id")).to_have_value("+12025550165")


def test_what_was_typed_is_there_after_a_look_at_another_page(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    form(page, "Call somebody").get_by_label("What it says").fill("A long text.")
    many = form(page, "Call many, from a file")
    many.get_by_label("Recipients", exact=True).fill("+12025550167")
    page.get_by_role("navigation").get_by_role("link", name="Calls").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Calls")
    page.go_back()
    expect(form(page, "Call somebody").get_by_label("What it says")).to_have_value("A long text.")
    expect(many.get_by_role("button", name="Start with 1 number")).to_be_enabled()


def test_a_question_about_a_campaign_goes_with_its_page(stack: Stack, visit: Open, campaign: str) -> None:
    page = visit(stack.url)
    go(page, stack, "campaigns")
    go(page, stack, f"campaigns/{campaign}")
    page.get_by_role("main").get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Campaigns")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_campaign_has_its_name_however_many_came_after_it(stack: Stack, visit: Open, campaign: str) -> None:
    for _ in range(200):
        stack.queue("queue-bulk-calls", phone_numbers=["+12025550168"], start="paused")
    page = visit(stack.url)
    go(page, stack, f"campaigns/{campaign}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Long")
    expect(page).to_have_title("Long · Calls")


def test_all_that_happened_to_a_call_is_told_however_much_happened_to_its_campaign(stack: Stack, visit: Open) -> None:
    campaign = stack.queue("queue-bulk-calls", phone_numbers=["+12025550169"], start="paused")
    stack.post(f"tasks/{campaign}/resume", {})
    wait_until(lambda: stack.status(campaign)["status"] == "SUCCESS", what="it is called")
    log = keys.log(campaign)
    with Redis.from_url(stack.redis.url) as redis:
        (resumed,) = [one for one in redis.lrange(log, 0, -1) if b"resumed" in one]
        redis.lpush(log, *[resumed] * 4500)
    page = visit(stack.url, f"#/calls/{campaign}-1")
    happened = page.get_by_role("region", name="What happened")
    for word in ("It rings", "It ended"):
        expect(happened).to_contain_text(word)
    page.get_by_role("link", name="← Its campaign").click()
    expect(page.get_by_role("region", name="Its numbers")).to_be_visible()


def test_a_call_of_a_campaign_is_not_offered_to_be_edited_by_itself(stack: Stack, visit: Open, campaign: str) -> None:
    page = visit(stack.url)
    go(page, stack, f"calls/{campaign}-1")
    main = page.get_by_role("main")
    expect(main.get_by_role("button", name="Cancel it")).to_be_visible()
    expect(main.get_by_role("button", name="Edit")).to_be_hidden()


def test_a_link_to_a_call_as_if_it_were_a_campaign_leads_to_the_call(stack: Stack, visit: Open, campaign: str) -> None:
    page = visit(stack.url, f"#/campaigns/{campaign}-1")
    expect(page.get_by_role("heading", level=1)).to_have_text("One call")
    expect(page.get_by_role("region", name="About it")).to_contain_text(f"{campaign}-1")


def streams(page: Page) -> list[str]:
    """Grows with each stream that a page asks for."""
    begun: list[str] = []
    page.on("request", lambda request: begun.append(request.url) if request.url.endswith("/stream") else None)
    return begun


def test_a_connection_that_leads_nowhere_any_more_is_made_anew(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/do")
    page.clock.install()
    page.route("**/stream", lambda _: None, times=1)
    with page.expect_request("**/stream"):
        page.goto(f"{stack.url}/?anew#/now")
    with page.expect_request("**/stream"):
        page.clock.fast_forward(30_000)
    expect(page.get_by_text("all is well")).to_be_visible()


def test_where_tabs_cannot_share_a_connection_those_that_nobody_sees_have_none(stack: Stack, visit: Open) -> None:
    first = visit(stack.url)
    first.context.add_init_script("""
        Object.defineProperty(navigator, "locks", {value: undefined});
        Object.defineProperty(document, "hidden", {get: () => globalThis.isHidden ?? false});
    """)
    for _ in range(8):  # a browser has six connections to a host
        tab = first.context.new_page()
        tab.goto(f"{stack.url}/#/now")
        expect(tab.get_by_text("all is well")).to_be_visible()
        tab.evaluate("isHidden = true; document.dispatchEvent(new Event('visibilitychange'))")
    begun = streams(tab)
    tab.evaluate("isHidden = false; document.dispatchEvent(new Event('visibilitychange'))")
    wait_until(lambda: tab.evaluate("1") and len(begun) == 1, what="it listens again")
