"""The page /api/docs: whatever is filled in there works as it stands, also below the prefix of a proxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Response, Route

from tests.app.away import Away
from tests.browser.chromium import Watched
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, FROM_NUMBER

_SECRET: Final = "secret-of-the-page"
_SETTINGS: Final = {
    "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
    "TWILIO_PHONE_NUMBER": FROM_NUMBER,
    "TWILIO_API_BASE_URL": "http://127.0.0.1:1",
}
_OPERATIONS: Final = ".opblock:not([id^=operations-webhooks])"
#: Small, for a page that is drawn without a graphics card.
_VIEW: Final = {"width": 800, "height": 400}
_PREFIX: Final = "/calls"


class DocsPage:
    """Swagger UI, with the operations that it shows."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        page.goto(url)
        page.locator(_OPERATIONS).first.wait_for()

    def authorize(self, secret: str) -> None:
        self._page.locator("button.authorize").first.click()
        dialog = self._page.locator(".auth-container").first
        dialog.locator("input").fill(secret)
        dialog.locator("button.authorize").click()
        self._page.locator("button.btn-done").first.click()

    def operations(self) -> list[Locator]:
        """Those that a client may ask for."""
        return self._page.locator(_OPERATIONS).all()

    def execute(self, operation: Locator) -> Response:
        """Presses the button, and touches nothing else; what the server answers. Open ones make the page slow."""
        bar = operation.locator(".opblock-summary-control")
        bar.evaluate("bar => bar.click()")
        with self._page.expect_response(lambda answer: "/api/docs" not in answer.url) as answered:
            operation.locator("button.execute").click()
        bar.evaluate("bar => bar.click()")
        return answered.value


@contextmanager
def _served(folder: Path, **settings: str) -> Iterator[Away]:
    with Away(folder, _SETTINGS) as away:
        yield away.start(**settings)


def _fault(operation: Locator, answer: Response) -> str:
    """Refused is only what is about a task or a job that there is not: the example of an id is nobody's."""
    path = operation.locator(".opblock-summary-path").inner_text()
    if answer.ok or (answer.status == 404 and "{" in path):
        return ""
    return f"{answer.request.method} {path}: {answer.status}"


def test_execute_works_unedited_on_every_operation(chromium: Browser, tmp_path: Path) -> None:
    """In other orders, twice, and each without keys, of whom the document is the same: tests/app/test_executing.py."""
    with _served(tmp_path, API_KEYS=f"page:{_SECRET}", ADMIN_KEYS="page") as away:
        watched = Watched(chromium, away.url, viewport=_VIEW)
        docs = DocsPage(watched.page, f"{away.url}/api/docs")
        docs.authorize(_SECRET)
        operations = docs.operations()
        assert len(operations) >= 10

        faults = [_fault(operation, docs.execute(operation)) for operation in operations]
        watched.close()

    assert [fault for fault in faults if fault] == []


def test_below_the_prefix_of_a_proxy_page_document_and_execute_work(chromium: Browser, tmp_path: Path) -> None:
    with _served(tmp_path) as away:
        watched = Watched(chromium, away.url, viewport=_VIEW)
        outside: list[str] = []

        def strip(route: Route) -> None:
            """As a proxy does that publishes the service under a prefix, and knows nothing else."""
            path = urlsplit(route.request.url).path
            if not path.startswith(f"{_PREFIX}/"):
                outside.append(route.request.url)
            route.continue_(url=route.request.url.replace(f"{away.url}{_PREFIX}/", f"{away.url}/"))

        watched.page.route(f"{away.url}/**", strip)
        docs = DocsPage(watched.page, f"{away.url}{_PREFIX}/api/docs/")
        statuses = [docs.execute(operation).status for operation in docs.operations()[:2]]
        watched.close()

    assert (outside, statuses) == ([], [200, 200])
