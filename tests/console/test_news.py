"""News comes by itself, over one connection for all tabs, and is told to be old when it is."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from tests.console.conftest import Open
from tests.console.steps import go
from tests.ports import reserve_port
from tests.processes import BASE_PATH, wait_until
from tests.stack import Stack


def streams(pages: list[Page]) -> Callable[[], int]:
    """Counts the streams that pages began."""
    began: list[str] = []
    for page in pages:
        page.on("request", lambda request: began.append(request.url) if request.url.endswith("/stream") else None)
    return lambda: len(began)


def _answers(url: str) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(f"{url}{BASE_PATH}/health", timeout=10).ok
    return False


@pytest.fixture
def keyed(stack: Stack) -> Iterator[str]:
    """A web tier beside that asks for keys. While it runs, not all is well: the other one has none."""
    port = reserve_port()
    settings = {"API_KEYS": "ops:secret-of-the-operator,look:secret-of-one-who-looks", "READ_ONLY_KEYS": "look"}
    web = stack.start_process("web", [sys.executable, "-m", "app"], settings | {"APP_PORT": str(port)})
    try:
        wait_until(lambda: _answers(f"http://127.0.0.1:{port}"), what="it answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        web.stop()
        stack.processes.remove(web)


def test_tabs_share_one_stream_that_another_tab_takes_over(stack: Stack, visit: Open) -> None:
    first = visit(stack.url, "#/now")
    expect(first.get_by_text("all is well")).to_be_visible()
    second = first.context.new_page()
    begun = streams([first, second])
    second.goto(f"{stack.url}/#/now")
    expect(second.get_by_text("all is well")).to_be_visible()
    assert begun() == 0
    first.close()
    if begun() == 0:
        second.wait_for_event("request", lambda request: request.url.endswith("/stream"))
    assert begun() == 1


def test_a_redis_that_is_killed_is_told_and_so_is_its_return(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/now")
    expect(page.get_by_text("all is well")).to_be_visible()
    assert stack.redis.process is not None
    stack.redis.process.kill()
    expect(page.get_by_text("Redis does not answer")).to_be_visible()
    stack.redis.start()
    expect(page.get_by_text("Redis does not answer")).to_be_hidden()


def test_what_is_old_says_so_and_is_renewed_by_itself(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/now")
    expect(page.get_by_text("all is well")).to_be_visible()
    freshness = page.locator("#freshness")
    web = next(process for process in stack.processes if process.name == "web" and process.alive)
    web.stop()
    expect(freshness).to_contain_text("trying again")
    stack.start_web()
    expect(freshness).to_be_empty()


def test_a_key_is_asked_for_kept_for_the_tab_and_sent_as_a_header(keyed: str, visit: Open) -> None:
    page = visit(keyed, "#/do")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Secret of the key").fill("wrong")
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog.get_by_text("not one of the server's")).to_be_visible()
    dialog.get_by_label("Secret of the key").fill("secret-of-one-who-looks")
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog).to_be_hidden()
    form = page.get_by_role("region", name="Call somebody")
    form.get_by_label("Number", exact=True).fill("+12025550100")
    form.get_by_role("button", name="Queue the call").click()
    expect(page.get_by_role("log")).to_contain_text("This API key may only read.")
    page.get_by_role("button", name="Forget the key").click()
    dialog.get_by_label("Secret of the key").fill("secret-of-the-operator")
    dialog.get_by_role("button", name="Use it").click()
    form.get_by_role("button", name="Queue the call").click()
    expect(page.get_by_role("log")).to_contain_text("queued successfully")
    kept = json.loads(page.evaluate("JSON.stringify({...localStorage})"))
    assert kept == {}
    assert page.context.cookies() == []
    assert "secret" not in page.url


def test_a_key_is_not_asked_for_again_by_an_answer_to_the_one_before(stack: Stack, visit: Open) -> None:
    page = visit(stack.url)
    slow: list[Route] = []

    def refuse(route: Route) -> None:
        if "x-api-key" in route.request.headers:
            route.continue_()
        elif "/calls" in route.request.url:
            slow.append(route)
        else:
            route.fulfill(status=401, json={"detail": "A key is needed.", "code": "unauthorized"})

    page.route("**/api/v1/**", refuse)
    page.goto(f"{stack.url}/?anew#/calls")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Secret of the key").fill("a-new-one")
    wait_until(lambda: page.evaluate("1") and slow, what="the list is asked for")
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog).to_have_count(0)
    with page.expect_request(lambda one: "/calls" in one.url and one.headers.get("x-api-key") == "a-new-one"):
        slow[0].fulfill(status=401, json={"detail": "A key is needed.", "code": "unauthorized"})
    expect(dialog).to_have_count(0)


def test_what_stands_in_front_of_the_service_is_not_taken_for_it(stack: Stack, visit: Open) -> None:
    page = visit(stack.url)
    page.route("**/tasks?*", lambda route: route.fulfill(content_type="text/html", body="<p>Log in, please.</p>"))
    page.goto(f"{stack.url}/#/campaigns")
    expect(page.get_by_role("alert")).to_contain_text("What answered 200 is not the service")
    page.unroute_all()
    expect(page.get_by_role("alert")).to_have_count(0)


REFUSED = {"status": 503, "json": {"detail": "It is not to be had now.", "code": "x"}}


def test_what_was_refused_is_told_for_longer_than_until_the_next_look(stack: Stack, visit: Open) -> None:
    campaign = stack.queue("queue-bulk-calls", phone_numbers=["+12025550190"], start="paused")
    page = visit(stack.url)
    go(page, stack, f"campaigns/{campaign}")
    page.route("**/calls", lambda route: route.fulfill(**REFUSED))
    page.get_by_role("main").get_by_role("button", name="CSV").click()
    expect(page.get_by_role("log")).to_contain_text("It is not to be had now.")


def test_what_goes_wrong_is_told_until_the_same_goes_well_and_not_something_else(stack: Stack, visit: Open) -> None:
    campaign = stack.queue("queue-bulk-calls", phone_numbers=["+12025550190"], start="paused")
    page = visit(stack.url)
    page.route("**/calls?*", lambda route: route.fulfill(**REFUSED))
    page.goto(f"{stack.url}/#/campaigns/{campaign}")
    expect(page.get_by_role("alert")).to_have_text("It is not to be had now.")
    page.evaluate("""() => {
        globalThis.removed = 0;
        const look = (changes) => { for (const one of changes) removed += one.removedNodes.length; };
        new MutationObserver(look).observe(document.querySelector("page-campaigns"), {childList: true});
    }""")
    for _ in range(3):
        with page.expect_response("**/task-status/*"):
            pass
    assert page.evaluate("removed") == 0
    page.unroute_all()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_link_that_was_cut_off_leads_to_a_page_that_says_so(stack: Stack, visit: Open) -> None:
    page = visit(stack.url, "#/calls/caf%C3")
    expect(page.get_by_role("alert")).to_contain_text("not found")
    expect(page.get_by_text("Asking…")).to_have_count(0, timeout=2000)
