"""`python -m simulator` starts, says where it listens, and ends when told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

import simulator
from simulator.options import parser
from tests.machine import Machine
from tests.ports import reserve_port
from tests.simulator.conftest import ACCOUNT_SID, AUTH_TOKEN, FROM, basic

CREDENTIALS = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
CREATE = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"


@asynccontextmanager
async def process(*arguments: str, **environment: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The simulator as a process of its own, and its base URL."""
    clean = {name: value for name, value in os.environ.items() if name not in CREDENTIALS}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "--port", "0", *arguments),
        stdout=asyncio.subprocess.PIPE,
        env=clean | environment,
    )
    assert child.stdout is not None
    try:
        line = (await asyncio.wait_for(child.stdout.readline(), 60)).decode()
        assert line.startswith("simulator listening on http://127.0.0.1:")
        yield child, line.split()[-1]
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        # So that the pipe's transport is closed by this loop and not by the collector.
        await child.stdout.read()


def form(to: str = "+15552230001") -> dict[str, str]:
    return {"To": to, "From": FROM, "Twiml": "<Response><Say>Good day</Say></Response>"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_though_a_request_hangs(number: signal.Signals, machine: Machine) -> None:
    async with process("--answer-after", "100") as (child, url), aiohttp.ClientSession() as http:
        fault = {"kind": "hang"}
        async with http.post(url + "/simulator/faults", json=fault) as answer:
            assert answer.status == 201
        hanging = asyncio.create_task(http.post(url + CREATE, data=form(), headers=basic()))
        await asyncio.sleep(0.1)
        watch = machine.stopwatch()
        child.send_signal(number)
        assert await child.wait() == 0
        assert watch.seconds < 15  # nothing else would end it
        with pytest.raises(aiohttp.ClientError):
            await hanging


async def test_credentials_come_from_the_environment() -> None:
    environment = {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN}
    async with process(**environment) as (_, url), aiohttp.ClientSession() as http:
        for password, status in ((AUTH_TOKEN, 201), ("other", 401)):
            headers = basic(password=password)
            async with http.post(url + CREATE, data=form(), headers=headers) as answer:
                assert answer.status == status


EVENTS = ("created", "initiated", "ringing", "answered", "heard", "completed")


async def events(log_format: str) -> list[str]:
    """The lines about one call."""
    async with process("--speed", "50", "--log-format", log_format) as (child, url), aiohttp.ClientSession() as http:
        data = form() | {"CallReason": "a reminder"}
        async with http.post(url + CREATE, data=data, headers=basic()) as answer:
            assert answer.status == 201
        assert child.stdout is not None
        lines: list[str] = []
        while not lines or "completed" not in lines[-1]:
            lines.append((await asyncio.wait_for(child.stdout.readline(), 60)).decode())
    return lines


async def test_the_console_shows_each_event_and_what_was_heard() -> None:
    lines = await events("console")
    assert [event for line in lines for event in EVENTS if f" {event} " in line] == list(EVENTS)
    assert "shows a reminder" in lines[2]
    assert "Say: Good day" in lines[4]
    assert all("+15552230001" in line for line in lines)


async def test_a_log_that_is_kept_tells_each_event_but_neither_numbers_nor_words() -> None:
    lines = await events("json")
    assert [json.loads(line)["event"] for line in lines] == list(EVENTS)
    assert {json.loads(line)["to"] for line in lines} == {"+1555…01"}
    assert not any(words in line for words in ("Good day", "a reminder", "15552230001") for line in lines)


async def test_nobody_reading_the_console_stops_nothing() -> None:
    reading, writing = os.pipe()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "--port", "0", "--speed", "1000"), stdout=writing
    )
    os.close(writing)
    try:
        line = (await asyncio.to_thread(os.read, reading, 200)).decode()
        long_twiml = "<Response><Say>" + "x" * 3000 + "</Say></Response>"
        async with aiohttp.ClientSession() as http:
            for _ in range(60):
                data = form() | {"Twiml": long_twiml}
                async with http.post(line.split()[-1] + CREATE, data=data, headers=basic()) as made:
                    assert made.status == 201
        child.send_signal(signal.SIGTERM)
        assert await child.wait() == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        os.close(reading)


async def test_it_works_though_its_input_and_output_are_closed() -> None:
    port = reserve_port()
    child = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", 'exec "$0" "$@" <&- >&-', sys.executable, "-m", "simulator", "--port", str(port)),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(60):
            while child.returncode is None:
                with contextlib.suppress(aiohttp.ClientConnectorError):
                    async with http.post(f"http://127.0.0.1:{port}{CREATE}", data=form(), headers=basic()) as made:
                        assert made.status == 201
                        child.send_signal(signal.SIGTERM)
                        break
                await asyncio.sleep(0.05)
        _, errors = await asyncio.wait_for(child.communicate(), 60)
        assert (child.returncode, errors) == (0, b"")
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()


async def test_a_port_in_use_is_one_line_and_exit_code_one() -> None:
    async with process() as (_, url):
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulator", "--port", url.rpartition(":")[2]),
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == 1
    assert len(errors.splitlines()) == 1
    assert b"Traceback" not in errors


@pytest.mark.parametrize(
    ("option", "value"),
    [("--port", "70000"), ("--port", "-5"), ("--also", "70000:5"), ("--also", "٨:5"), ("--concurrent-requests", "0")],
)
def test_a_number_out_of_its_bounds_is_refused_and_not_taken_for_another(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Port 70000 was 4464, and of no request at once that may be each was refused."""
    with pytest.raises(SystemExit):
        parser().parse_args([f"{option}={value}"])
    assert "whole number from" in capsys.readouterr().err


def test_it_imports_nothing_of_the_project() -> None:
    modules = list(Path(simulator.__file__).parent.rglob("*.py"))
    assert len(modules) > 30
    for module in modules:
        lines = module.read_text("utf-8").splitlines()
        imported = [line.split()[1] for line in lines if line.lstrip().startswith(("import ", "from "))]
        tops = {name.partition(".")[0] for name in imported}
        assert not tops & {"app", "worker", "schemas", "runtime", "twilio", "celery", "redis"}, module
