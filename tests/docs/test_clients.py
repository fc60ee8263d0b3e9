"""The programs of docs/clients.md, run as they stand but for addresses, and a generated client."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import requests

from app.documentation.events import EVENTS
from app.security.signature import sign
from tests.docs.programs import PAGE, node, programs
from tests.e2e.conftest import QUICK
from tests.ports import reserve_port
from tests.processes import AUTH_TOKEN, BIN, ROOT, START_SECONDS, Process, wait_until
from tests.stack import Stack, public_stack

URL = "https://your-domain.com/events"
LANGUAGES = {"Python": ([sys.executable], "py"), "JavaScript": ([node()], "mjs")}
VECTOR = dict(re.findall(r"^\| (URL|key|body|signature) \| `([^`]+)` \|$", PAGE, re.MULTILINE))
#: The one thing of the generated package that mypy would have otherwise is in the generator's own template.
MYPY = """
[mypy]
strict = True

[mypy-phone_calls.client]
disable_error_code = arg-type
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One that Twilio's webhooks reach."""
    with public_stack(tmp_path_factory.mktemp("stack"), QUICK) as running:
        yield running


def _write(folder: Path, name: str, **replaced: str) -> Path:
    text = programs()[name]
    for old, new in {"http://127.0.0.1:8001": replaced.get("base", ""), "9000": replaced.get("port", "")}.items():
        text = text.replace(old, new) if new else text
    path = folder / name
    path.write_text(text.replace(URL, replaced.get("url", URL)), "utf-8")
    return path


def _receiver(folder: Path, language: str, key: str, url: str, port: int) -> Process:
    command, ending = LANGUAGES[language]
    program = _write(folder, f"receiver.{ending}", url=url, port=str(port))
    # As if started in the folder, where it finds tasks.txt.
    process = Process("receiver", ["env", "-C", str(folder), *command, str(program)], folder, {"EVENT_KEY": key})
    wait_until(lambda: _listens(port), START_SECONDS, "the receiver listens")
    return process


def _listens(port: int) -> bool:
    try:
        return requests.post(f"http://127.0.0.1:{port}/events", data="TaskId=x", timeout=5).status_code == 403
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receiver_believes_the_vector_of_the_page_and_nothing_else(tmp_path: Path, language: str) -> None:
    port, event = reserve_port(), dict(parse_qsl(VECTOR["body"]))
    (tmp_path / "tasks.txt").write_text(f"{event['TaskId']}\n")
    foreign = VECTOR["body"].replace(event["TaskId"], "another")
    process = _receiver(tmp_path, language, VECTOR["key"], VECTOR["URL"], port)

    def answer(body: str, signature: str) -> int:
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return requests.post(f"http://127.0.0.1:{port}/events", data=body, headers=headers, timeout=5).status_code

    try:
        right = VECTOR["signature"]
        assert [answer(VECTOR["body"], right), answer(VECTOR["body"], right)] == [204, 204]
        assert answer(f"{VECTOR['body']}&Extra=1", right) == 403
        assert answer(VECTOR["body"], right[:-2]) == 403
        assert answer(foreign, sign(URL, parse_qsl(foreign), VECTOR["key"])) == 404
    finally:
        process.stop()
    assert process.output.count(f"{event['TaskId']} completed") == 1


def test_the_documents_example_of_a_signature_is_that_of_its_first_event() -> None:
    told = EVENTS["event"]
    first = next(iter(told["request_examples"].values()))

    assert told["parameters"][0]["example"] == sign(URL, list(first.items()), VECTOR["key"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_is_queued_followed_to_its_end_and_its_events_are_believed(
    stack: Stack, tmp_path: Path, language: str
) -> None:
    command, ending = LANGUAGES[language]
    port = reserve_port()
    url = f"http://127.0.0.1:{port}/events"
    (tmp_path / "tasks.txt").touch()
    receiver = _receiver(tmp_path, language, AUTH_TOKEN, url, port)
    try:
        program = _write(tmp_path, f"call.{ending}", base=stack.url, url=url)
        done = _run(tmp_path, *command, str(program), "+12025550120")
        task_id, outcome = done.stdout.split()
        assert outcome == "answered"
        wait_until(lambda: f"{task_id} completed" in receiver.output, START_SECONDS, "its end is told")
    finally:
        receiver.stop()


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_a_generated_python_client_is_well_typed_and_places_follows_and_cancels_a_call(
    stack: Stack, tmp_path: Path
) -> None:
    options = ["--meta", "none", "--output-path", "phone_calls"]
    made = _run(tmp_path, "openapi-python-client", "generate", "--path", str(ROOT / "openapi.yaml"), *options)
    assert "WARNING" not in (made.stdout + made.stderr).upper()

    program = _write(tmp_path, "generated.py", base=stack.url)
    (tmp_path / "mypy.ini").write_text(MYPY)
    _run(tmp_path, "mypy", "--config-file", "mypy.ini", "--cache-dir", "cache", "phone_calls", str(program))

    assert _run(tmp_path, sys.executable, str(program)).stdout.split() == ["answered", "cancelled"]
