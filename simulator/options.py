"""The command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from simulator.serving import Place, tls_context
from simulator.settings import Settings, SharedKey

LARGEST_NUMBER = 1e9
LAST_PORT = 65_535


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


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text} is no whole number from {least} to {most}")
        return int(text)

    return read


_port = _whole(0, LAST_PORT)


def _port_and_distance(text: str) -> tuple[int, float]:
    port, colon, round_trip_ms = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"{text} is not like 8011:150, a port and a round trip in milliseconds")
    return _port(port), _not_negative(round_trip_ms)


def _shared_key(text: str) -> SharedKey:
    key_id, colon, secret = text.partition(":")
    if not key_id or not secret or not colon:
        raise argparse.ArgumentTypeError("it is not like id:secret")
    return SharedKey(key_id, secret)


def parser() -> argparse.ArgumentParser:
    """Every option, with its default."""
    made = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Twilio's voice REST API, simulated. Calls survive a restart with --data only.",
        epilog="Numbers ending in 0101 are busy, 0102 do not answer, 0103 fail, 0104 are machines.",
    )
    _add_listening(made.add_argument_group("where it listens"))
    add = made.add_argument
    add("--speed", type=_positive, default=1.0, help="how fast the calls' own clock runs")
    add("--calls-per-second", type=_positive, default=1000.0, help="the account's pace")
    add("--account-sid", default=os.environ.get("TWILIO_ACCOUNT_SID") or None)
    add("--auth-token", default=os.environ.get("TWILIO_AUTH_TOKEN") or None)
    add("--webhook-key", type=_shared_key, metavar="ID:SECRET", help="signs webhooks by SHA-256, instead of the token")
    add("--data", type=Path, metavar="DIR", help="keeps its calls there, and goes on with them after a restart")
    add("--answer-after", type=_not_negative, default=2.0, metavar="SECONDS")
    add(
        "--talk",
        type=_talk,
        default=8.0,
        metavar="SECONDS",
        help="from answer to end, or 'twiml' for as long as the TwiML lasts",
    )
    add("--latency-ms", type=_not_negative, default=0.0, help="added to every REST answer")
    add("--concurrent-requests", type=_whole(1, 1_000_000), metavar="N", help="more get 429/20429")
    add("--seed", type=int, default=0, help="of the faults' probability draws")
    add("--log-format", choices=("console", "json"), default="console")
    return made


def _add_listening(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=_port, default=8010, help="0 picks a free one")
    add("--distance-ms", type=_not_negative, metavar="MS", help="how far away that port is, there and back")
    add(
        "--also",
        type=_port_and_distance,
        action="append",
        default=[],
        metavar="PORT:ROUND_TRIP_MS",
        help="one more port, so far away; may be repeated",
    )
    add("--tls-cert", metavar="FILE", help="serve over TLS, on every port")
    add("--tls-key", metavar="FILE", help="if it is not in the certificate's file")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """How the account and its callees behave."""
    return Settings(
        account_sid=arguments.account_sid,
        auth_token=arguments.auth_token,
        shared_key=arguments.webhook_key,
        speed=arguments.speed,
        calls_per_second=arguments.calls_per_second,
        answer_after_seconds=arguments.answer_after,
        talk_seconds=arguments.talk,
        latency_seconds=arguments.latency_ms / 1000,
        concurrent_requests=arguments.concurrent_requests,
        seed=arguments.seed,
    )


def place_of(arguments: argparse.Namespace) -> Place:
    """Where it listens. Raises OSError if the certificate cannot be used."""
    if arguments.tls_key and not arguments.tls_cert:
        raise OSError("--tls-key needs --tls-cert")
    tls = tls_context(arguments.tls_cert, arguments.tls_key) if arguments.tls_cert else None
    return Place(arguments.host, arguments.port, arguments.distance_ms, tuple(arguments.also), tls)
