"""`python -m simulator`: serve the simulator until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys

import uvloop
from aiohttp import web

from simulator.journal import Journal
from simulator.server import build_app
from simulator.settings import Settings

SHUTDOWN_SECONDS = 0.2
LARGEST_NUMBER = 1e9


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _not_negative(text: str) -> float:
    number = float(text)
    if not 0 <= number < LARGEST_NUMBER:
        raise argparse.ArgumentTypeError(f"{text} is negative or too large")
    return number


def _talk(text: str) -> float | None:
    return None if text == "twiml" else _not_negative(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Twilio's voice REST API, simulated. Calls do not survive a restart.",
        epilog="Numbers ending in 0101 are busy, 0102 do not answer, 0103 fail, 0104 are machines.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=8010, help="0 picks a free one")
    add("--speed", type=_positive, default=1.0, help="how fast the calls' own clock runs")
    add("--calls-per-second", type=_positive, default=1000.0, help="the account's pace")
    add("--account-sid", default=os.environ.get("TWILIO_ACCOUNT_SID") or None)
    add("--auth-token", default=os.environ.get("TWILIO_AUTH_TOKEN") or None)
    add("--answer-after", type=_not_negative, default=2.0, metavar="SECONDS")
    add(
        "--talk",
        type=_talk,
        default=8.0,
        metavar="SECONDS",
        help="from answer to end, or 'twiml' for as long as the TwiML lasts",
    )
    add("--latency-ms", type=_not_negative, default=0.0, help="added to every REST answer")
    add("--concurrent-requests", type=int, metavar="N", help="more get 429/20429")
    add("--seed", type=int, default=0, help="of the faults' probability draws")
    add("--log-format", choices=("console", "json"), default="console")
    return parser


def _settings(arguments: argparse.Namespace) -> Settings:
    return Settings(
        account_sid=arguments.account_sid,
        auth_token=arguments.auth_token,
        speed=arguments.speed,
        calls_per_second=arguments.calls_per_second,
        answer_after_seconds=arguments.answer_after,
        talk_seconds=arguments.talk,
        latency_seconds=arguments.latency_ms / 1000,
        concurrent_requests=arguments.concurrent_requests,
        seed=arguments.seed,
    )


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    journal = Journal(arguments.log_format, sys.stdout.fileno())
    app = await build_app(_settings(arguments), journal)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, arguments.host, arguments.port, backlog=1024)
        await site.start()
        port = runner.addresses[0][1]
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        print(f"simulator listening on http://{host}:{port}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()
        journal.close()


def main() -> int:
    """Run; a port in use or a bad address is one line on stderr and exit code 1."""
    arguments = _parser().parse_args()
    # Full collections over hundreds of thousands of remembered calls would hold requests up.
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    try:
        uvloop.run(_serve(arguments))
    except OSError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
