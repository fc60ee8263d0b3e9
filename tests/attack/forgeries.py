"""Targets x schemes x splits of fields: posts to our webhooks that Twilio did not sign, and events that we do."""

import json
import random
from typing import Final
from urllib.parse import urlencode, urlsplit

from app.security.signature import HEADER, SETTINGS_HEADER, sign
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH
from tests.attack.loot import Fields, Loot
from tests.attack.shot import SECRETS, Shot, key, with_body
from tests.processes import BASE_PATH

_PATHS: Final = (CALL_STATUS_PATH, INCOMING_CALL_PATH)
_STATUSES: Final = ("completed", "busy", "failed", "no-answer", "canceled", "in-progress", "nonsense")
_TOKENS: Final = ("", "auth-token", "0" * 32, "null", SECRETS["mallory"], SECRETS["alice"])
_SCHEMES: Final = ("http", "https", "HTTP", "ws", "munity", "file")


def _form(drawn: random.Random, loot: Loot) -> Fields:
    sid = drawn.choice([*loot.sids, "CA" + "0" * 32, ""])
    return [
        ("CallSid", sid),
        ("CallStatus", drawn.choice(_STATUSES)),
        ("To", "+12025550100"),
        ("From", "+15005550006"),
        ("SequenceNumber", str(drawn.randrange(9))),
    ]


def _split(drawn: random.Random, url: str, fields: Fields) -> tuple[str, Fields]:
    """What was signed has no separators: the URL's end may be taken for fields, or fields for the URL's end."""
    whole = url + "".join(name + value for name, value in sorted(set(fields)))
    at = drawn.randrange(1, len(whole))
    name = drawn.randrange(at, len(whole) + 1)
    return whole[:at], [(whole[at:name], whole[name:])]


def forged(drawn: random.Random, loot: Loot) -> Shot:
    """A post to a webhook about the victim's call: signed with what is no token, or as an event that was caught."""
    path = drawn.choice(_PATHS)
    target = f"{path}?call={drawn.choice(loot.ids)}&attempt={drawn.randrange(3)}"
    fields, url = _form(drawn, loot), loot.base_url + target
    lines = ["Host: localhost", "Content-Type: application/x-www-form-urlencoded"]
    signature = sign(url, fields, drawn.choice(_TOKENS))
    if loot.caught and drawn.random() < 0.7:
        event = drawn.choice(loot.caught)
        signature, fields = event.signature, event.fields
        if drawn.random() < 0.5:  # the scheme of a target that is a whole URL may continue our host's name
            split_url, fields = _split(drawn, loot.ear_url + event.target, event.fields)
            rest = split_url[len(loot.base_url) :] or "/"
            target = drawn.choice([rest, f"{drawn.choice(_SCHEMES)}://x{target}", urlsplit(split_url).path or "/"])
            target = target.replace(" ", "%20")
    if drawn.random() < 0.2:
        lines.append(f"{SETTINGS_HEADER}: algorithm=hmac_sha256,key={drawn.choice(['', 'k', 'mallory'])}")
    if drawn.random() < 0.9:
        lines.append(f"{HEADER}: {signature}")
    body = urlencode(fields).encode()
    return Shot("forged webhook", with_body("POST", target, body, *lines), "post", path, harmless=False)


def _ours_in_disguise(drawn: random.Random, loot: Loot) -> str:
    """A URL that leads to our own webhook, written in one of many ways."""
    port = urlsplit(loot.base_url).port
    host = drawn.choice(
        [
            *(
                "127.0.0.1",
                "localhost",
                "LOCALHOST",
                "127.1",
                "0x7f.1",
                "2130706433",
                "0",
                "[::1]",
                "[::ffff:127.0.0.1]",
            ),
            *("127.0.0.1.", "localhost.", "127.0.0.2", "user:pw@127.0.0.1", "127.0.0.1%23", "%31%32%37.0.0.1"),
        ]
    )
    path = drawn.choice([*_PATHS, f"//{CALL_STATUS_PATH}", f"/x/..{CALL_STATUS_PATH}", f"{CALL_STATUS_PATH}/"])
    tail = drawn.choice([f"?call={drawn.choice(loot.ids)}", "", "?", "#", f"?call={drawn.choice(loot.ids)}&attempt=1#"])
    return f"{drawn.choice(_SCHEMES)}://{host}:{port}{path}{tail}"


def lure(drawn: random.Random, loot: Loot) -> Shot:
    """A call of the attacker's own, whose events the relay is to sign for where they must not go, or for him."""
    ours = drawn.random() < 0.7
    url = (
        _ours_in_disguise(drawn, loot)
        if ours
        else f"{loot.ear_url}/{drawn.randrange(9)}{drawn.choice(['', '?a=b', ';'])}"
    )
    body = {"to_number": f"+1202555{drawn.randrange(1000, 9999)}", "status_callback_url": url}
    if drawn.random() < 0.2:
        body["webhook_url"] = _ours_in_disguise(drawn, loot)
    path = f"{BASE_PATH}/queue-single-call"
    lines = ("Host: localhost", key("mallory"), "Content-Type: application/json")
    return Shot("lure for the relay", with_body("POST", path, json.dumps(body).encode(), *lines), "post", path)
