"""The magic numbers of Twilio's test credentials (https://www.twilio.com/docs/iam/test-credentials).

Here they work with any credentials, and any other caller id is fine: the rule that refuses those
(21210) belongs to test credentials alone.
"""

from __future__ import annotations

from simulator.form.refusal import RefusalError

REFUSED_TO = {
    "+15005550001": 21217,
    "+15005550002": 21214,
    "+15005550003": 21215,
    "+15005550004": 21216,
}
REFUSED_FROM = {"+15005550001": 21212}


def refuse_magic(to: str, from_: str) -> None:
    """Raise Twilio's refusal if either number is a magic one."""
    if from_ in REFUSED_FROM:
        raise RefusalError(REFUSED_FROM[from_], from_)
    if to in REFUSED_TO:
        raise RefusalError(REFUSED_TO[to], to)
