"""
What slow senders cost honest clients: python -m tests.benchmarks.slow_senders

Honest clients queue calls at a steady rate, without and with 500 connections that send one byte a second, half of them
of a request's head and half of its body, and come again when they are cut off. Rounds alternate.
"""

import argparse
import asyncio
import itertools
import socket
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import aiohttp
import uvloop

from tests.ports import reserve_port
from tests.processes import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    BASE_PATH,
    FROM_NUMBER,
    Process,
    RedisServer,
)

URL = f"{BASE_PATH}/queue-single-call"
GAP_SECONDS = 1.0
WARM_UP_SECONDS = 2.0
HONEST_CLIENTS = 8


async def trickle(port: int, in_body: bool) -> None:
    """One slow sender, for ever."""
    head = f"POST {URL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(GAP_SECONDS)
            continue
        try:
            if in_body:
                writer.write(f"{head}\r\n".encode())
            for letter in itertools.cycle(b"a" if in_body else head.encode()):
                if reader.at_eof() or writer.is_closing():
                    break
                writer.write(bytes([letter]))
                await asyncio.sleep(GAP_SECONDS)
        except OSError:
            continue
        finally:
            writer.close()


async def attack(port: int, connections: int) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(connections):
            group.create_task(trickle(port, in_body=number % 2 == 0))
            await asyncio.sleep(GAP_SECONDS / connections)


async def honest(port: int, per_second: float, seconds: float) -> list[float]:
    """Milliseconds of each answer; a request that is due while others wait counts from when it was due."""
    answers: list[float] = []
    began = time.perf_counter()
    ticket = itertools.count()

    async def client(http: aiohttp.ClientSession) -> None:
        while True:
            due = began + next(ticket) / per_second
            if due > began + seconds:
                return
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            body = {"to_number": "+1234567890", "delay_seconds": 3600}
            async with http.post(f"http://127.0.0.1:{port}{URL}", json=body) as answer:
                assert answer.status == 200, await answer.text()
            answers.append((time.perf_counter() - due) * 1000)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=HONEST_CLIENTS)) as http:
        await asyncio.gather(*(client(http) for _ in range(HONEST_CLIENTS)))
    return answers


def one_round(port: int, options: argparse.Namespace, folder: Path, *, attacked: bool) -> float:
    """The p99 of one round, in milliseconds."""
    attacker = None
    if attacked:
        command = [sys.executable, "-m", "tests.benchmarks.slow_senders", "--attack", str(port)]
        attacker = Process("attacker", [*command, "--connections", str(options.connections)], folder, {})
    try:
        time.sleep(WARM_UP_SECONDS)
        answers = uvloop.run(honest(port, options.rate, options.seconds))
    finally:
        if attacker is not None:
            assert attacker.alive, attacker.output
            attacker.kill()
    p99 = quantiles(answers, n=100)[98]
    name = "attacked" if attacked else "normal"
    print(f"{name:8} p50 {median(answers):6.2f} ms, p99 {p99:6.2f} ms, {len(answers)} answers", flush=True)
    return p99


def measure(options: argparse.Namespace, folder: Path) -> None:
    port = reserve_port()
    redis = RedisServer(folder).start()
    settings = {
        "CELERY_BROKER_URL": redis.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_PHONE_NUMBER": FROM_NUMBER,
        "APP_PORT": str(port),
        "LOG_LEVEL": "WARNING",
    }
    web = Process("web", [sys.executable, "-m", "app"], folder, settings)
    try:
        web.wait_for_answer(lambda: _listens(port))
        uvloop.run(honest(port, options.rate, WARM_UP_SECONDS))
        rounds = [one_round(port, options, folder, attacked=number % 2 == 1) for number in range(2 * options.rounds)]
    finally:
        web.stop()
        redis.stop()
    normal, attacked = median(rounds[::2]), median(rounds[1::2])
    print(f"p99 normal {normal:.2f} ms, with {options.connections} slow senders {attacked:.2f} ms")
    print(f"that is {attacked / normal:.2f} times (bound 2), median of {options.rounds} rounds at {options.rate:g}/s")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attack", type=int, metavar="PORT", help="only send slowly, until killed")
    parser.add_argument("--connections", type=int, default=500)
    parser.add_argument("--rate", type=float, default=200.0, help="honest requests a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.attack:
        uvloop.run(attack(options.attack, options.connections))
        return
    with tempfile.TemporaryDirectory() as scratch:
        measure(options, Path(scratch))


if __name__ == "__main__":
    main()
