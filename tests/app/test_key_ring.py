"""The keys in API_KEYS: how they are read, kept, and compared."""

import hmac
import re

import pytest

from app.security.api_keys import KeyRing
from app.settings import Settings
from schemas.errors import SettingsError
from tests.app.test_keys import ALICE, API_KEYS, BOB
from tests.app.test_starting import refusal


def test_comparing_a_secret_looks_at_every_key_and_whole_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that how long it takes tells neither how much of a secret is right nor which key it would be."""
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def spy(kept: bytes, given: bytes) -> bool:
        compared.append((len(kept), len(given)))
        return real(kept, given)

    ring = KeyRing.parse(API_KEYS)
    monkeypatch.setattr(hmac, "compare_digest", spy)
    for secret in (ALICE, BOB, "x", "y" * 10_000):
        ring.name_of(secret)
    assert compared == [(32, 32)] * 12


@pytest.mark.parametrize(
    "text",
    [
        "swordfish-1",
        ":swordfish-1",
        "alice:",
        "alice:sword fish",
        "alice:swördfish-1",
        "al ice:swordfish-1",
        "alice\n:swordfish-1",
        f"{'a' * 65}:swordfish-1",
        f"alice:{'s' * 513}",
        "alice:swordfish-1,",
        ",alice:swordfish-1",
        "alice:swordfish-1,,bob:swordfish-2",
        "alice:swordfish-1,bob",
        "alice:swordfish-1,bob:swordfish-1",
    ],
)
def test_malformed_keys_are_refused_without_showing_any(text: str) -> None:
    with pytest.raises(SettingsError, match="API_KEYS") as caught:
        Settings.read({"API_KEYS": text})
    assert not re.search("sword|swörd|sss", str(caught.value))


def test_the_start_is_refused_with_one_message() -> None:
    message = refusal(API_KEYS="alice:swordfish-1,bob:shört", LOG_LEVEL="LOUD")
    assert "API_KEYS" in message
    assert "LOG_LEVEL" in message
    assert "swordfish" not in message
    assert "shört" not in message


def test_a_secret_that_can_be_guessed_is_told_of_by_its_name() -> None:
    ring = Settings.read({"API_KEYS": f"alice:s3cret,bob:{'x' * 16},carol:pw"}).api_keys
    assert ring.name_of("s3cret") == "alice"
    assert ring.short_names() == ["alice", "carol"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1"])  # noqa: S104 - what is tested
def test_with_keys_any_address_may_be_listened_on(host: str) -> None:
    assert Settings.read({"APP_HOST": host, "API_KEYS": API_KEYS}).host == host


def test_settings_show_no_secret_and_nothing_to_guess_it_from() -> None:
    settings = Settings.read({"API_KEYS": API_KEYS})
    shown = f"{settings!r} {settings.api_keys!r} {settings.api_keys.keys[0]!r}"
    assert "alice" in shown
    assert "swordfish" not in shown
    assert "digest" not in shown


def test_an_entry_without_a_colon_is_told_apart_from_a_bad_name_or_secret() -> None:
    with pytest.raises(SettingsError, match="entry 2 has no colon"):
        Settings.read({"API_KEYS": f"{API_KEYS.split(',')[0]},{BOB.replace(':', '')}"})
