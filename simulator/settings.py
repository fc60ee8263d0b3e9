"""What one simulator is started with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SharedKey:
    """A key of Twilio's webhook rules, which signs webhooks instead of the account's token."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Settings:
    """How the simulated account and its callees behave.

    `speed` divides every duration of a call's own clock (ring, talk, timeouts) and nothing else.
    With no `account_sid`, any account whose Basic user equals the path's sid is accepted; with no
    `auth_token`, any password is, and webhooks are signed with the password of the create request.
    `talk_seconds` None lets a call last as long as its TwiML.
    """

    account_sid: str | None = None
    auth_token: str | None = None
    shared_key: SharedKey | None = None
    speed: float = 1.0
    calls_per_second: float = 1000.0
    answer_after_seconds: float = 2.0
    talk_seconds: float | None = 8.0
    latency_seconds: float = 0.0
    concurrent_requests: int | None = None
    seed: int = 0
    kept_calls: int = 200_000
