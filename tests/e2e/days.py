"""Twilio's bad days: what the simulator is ordered to do on each."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

Order = Mapping[str, Any]

#: Name of the day -> orders; a day lasts as long as the program says.
DAYS: Mapping[str, tuple[Order, ...]] = {
    "nothing wrong": (),
    "account refused": ({"kind": "refuse", "on": "any", "code": 10001, "status": 403},),
    "account refused for writes only": ({"kind": "refuse", "code": 10005, "status": 403},),
    "wrong token": ({"kind": "refuse", "on": "any", "code": 20003, "status": 401},),
    "a proxy's login page": ({"kind": "proxy", "on": "any", "status": 200},),
    "a proxy redirects": ({"kind": "proxy", "on": "any", "status": 302, "location": "http://127.0.0.1:1/login"},),
    "a proxy wants a password": ({"kind": "proxy", "on": "any", "status": 407},),
    "a proxy knows no such path": ({"kind": "proxy", "on": "any", "status": 404},),
    "a gateway gives up, nothing was created": ({"kind": "proxy", "status": 408, "created": False},),
    "a gateway gives up, the call was created": ({"kind": "proxy", "status": 504, "created": True},),
    "some answers are 5xx": (
        {"kind": "error_before", "probability": 0.15},
        {"kind": "error_after", "probability": 0.15},
    ),
    "too many requests": ({"kind": "too_many", "retry_after": "1"},),
    "too many requests, without a word": ({"kind": "too_many", "probability": 0.5},),
    "silence": ({"kind": "hang", "seconds": 30.0, "probability": 0.5},),
    "connections are reset": (
        {"kind": "reset_before", "probability": 0.3},
        {"kind": "reset_after", "probability": 0.1},
    ),
    "calls are blocked for reasons of their own": ({"kind": "refuse", "code": 21216, "probability": 0.2},),
    "callbacks are lost": ({"kind": "callback_drop", "probability": 0.5},),
    "callbacks are late, doubled and out of order": (
        {"kind": "callback_late", "seconds": 2.0, "probability": 0.2},
        {"kind": "callback_double", "probability": 0.3},
        {"kind": "callback_reorder", "probability": 0.2},
    ),
}


def month(seed: int, days: int) -> Iterator[tuple[str, tuple[Order, ...]]]:
    """So many days: each kind once if they suffice, in an order that the seed decides, with good days between."""
    random = Random(seed)
    names = list(DAYS)
    drawn = [*names, *(random.choice(names) for _ in range(max(0, days - len(names))))]
    random.shuffle(drawn)
    for name in drawn[:days]:
        yield name, DAYS[name]
