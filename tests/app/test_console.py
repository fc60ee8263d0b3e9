"""The console's files: what is served, how, and that nothing else is."""

import re
from urllib.parse import urljoin

import pytest

from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_keys import API_KEYS
from tests.processes import ROOT

FOLDER = ROOT / "app/console/static"
SCRIPTS = sorted(FOLDER.glob("*.js"))
MOST_LINES, MOST_LINES_OF_ONE, MOST_BYTES = 1500, 150, 100_000
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def test_it_stays_small() -> None:
    lines = {script.name: len(script.read_text("utf-8").splitlines()) for script in SCRIPTS}
    assert sum(lines.values()) <= MOST_LINES
    assert {name: count for name, count in lines.items() if count >= MOST_LINES_OF_ONE} == {}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= MOST_BYTES


def test_it_makes_no_markup_of_text_and_names_no_other_host() -> None:
    for path in FOLDER.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path
        )
        assert not re.search(r"https?://\w", text), path


async def test_the_page_and_each_of_its_files_are_served_with_type_policy_and_etag(client: Client) -> None:
    page = await client.ask("GET", "/")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for path in FOLDER.iterdir():
        if path.suffix == ".html":
            continue
        answer = await client.ask("GET", f"/console/{path.name}")
        assert (answer.status, answer.text) == (200, path.read_text("utf-8"))
        assert answer.headers["Content-Type"].startswith(TYPES[path.suffix])
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        again = await client.ask("GET", f"/console/{path.name}", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status, again.text, again.headers["ETag"]) == (304, "", answer.headers["ETag"])
        changed = await client.ask("GET", f"/console/{path.name}", headers={"If-None-Match": '"other"'})
        assert changed.status == 200


async def test_every_reference_is_relative_so_that_a_proxy_may_put_a_prefix_in_front(client: Client) -> None:
    page = await client.ask("GET", "/")
    references = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(references) > 3
    assert [one for one in references if one.startswith("/") or ":" in one] == []
    for script in SCRIPTS:
        imported = re.findall(r'(?:from|import) "([^"]+)"', script.read_text("utf-8"))
        assert [one for one in imported if not (one.startswith("./") and (FOLDER / one).exists())] == []


@pytest.mark.parametrize(
    "path", ["", "..", "../pages.py", "%2e%2e%2fpages.py", "..%2f..%2fsettings.py", "index.html", ".", "x.js", "%00"]
)
async def test_no_other_name_is_served_and_no_list_of_names(client: Client, path: str) -> None:
    answer = await client.ask("GET", f"/console/{path}")
    assert answer.status == 404 or (answer.status, answer.text[:15]) == (200, "<!doctype html>")
    assert "def " not in answer.text
    assert path == ".." or answer.body["code"] == "not_found"


async def test_it_can_be_taken_away(start: Start) -> None:
    without = await start(CONSOLE="0")
    for path in ("/", "/console/start.js", "/console/style.css"):
        refused(await without.ask("GET", path), 404)
    assert "Console" not in (await without.ask("GET", "/api/docs")).text


async def test_it_needs_no_key_but_what_it_asks_for_does(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS)
    assert (await client.ask("GET", "/")).status == 200
    assert (await client.ask("GET", "/console/start.js")).status == 200
    assert (await client.ask("HEAD", "/")).text == ""


async def test_the_documentation_leads_to_it(client: Client) -> None:
    for address in ("/api/docs", "/api/docs/"):
        (link,) = re.findall(r'<a href="([^"]+)">Console', (await client.ask("GET", address)).text)
        assert urljoin(address, link) == "/"
