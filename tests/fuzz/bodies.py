"""Bodies that are not what an operation takes: damaged, misencoded, endless, or with the oddest of values."""

import json
from typing import Final
from urllib.parse import urlencode

from hypothesis import strategies as st

from tests.app import documented

EXAMPLES: Final = {
    "queue-single-call": documented.SINGLE,
    "queue-bulk-calls": documented.BULK,
    "schedule-call": documented.SCHEDULE,
}
_FORM: Final = ["CallSid", "CallStatus", "SequenceNumber", "Timestamp", "CallDuration", "AnsweredBy", "Digits"]

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_numbers = st.one_of(
    st.sampled_from(
        ["1e400", "-1e400", "1e-400", "-0", "1E+2", "0x10", "01", "+1", "1.", ".5", "NaN", "Infinity", "1_0"]
    ),
    st.integers(1, 6000).map(lambda digits: "9" * digits),
    st.integers(1, 6000).map(lambda digits: "0." + "3" * digits),
)
_encodings = st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-7", "cp037", "latin-1"])


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """A body of the API document with some bytes taken out and others put in."""
    body = draw(st.sampled_from(list(EXAMPLES.values()))).encode()
    start = draw(st.integers(0, len(body)))
    return body[:start] + draw(st.binary(max_size=6)) + body[start + draw(st.integers(0, 6)) :]


def _fields(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """JSON objects with such a text, unquoted, as one or more of the fields."""
    names = sorted({name for body in EXAMPLES.values() for name in json.loads(body)})
    pairs = st.lists(st.tuples(st.sampled_from(names), texts), min_size=1, max_size=6)
    return pairs.map(lambda found: "{" + ",".join(f'"{name}":{text}' for name, text in found) + "}").map(_utf8)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


#: Bodies of any request, right and wrong ones.
BODIES: Final[st.SearchStrategy[bytes]] = st.one_of(
    _damaged(),
    st.binary(max_size=60),
    _fields(_numbers),
    _fields(_json.map(json.dumps)),
    st.dictionaries(st.sampled_from(_FORM), st.text(max_size=20)).map(lambda form: urlencode(form).encode()),
    _fields(st.text(st.characters(categories=("Cs", "Cc", "Lo")), max_size=5).map(lambda text: f'"{text}"')),
    st.builds(
        lambda body, name: body.replace("+1", "\u00fc").encode(name), st.sampled_from([*EXAMPLES.values()]), _encodings
    ),
    st.builds(lambda pair, depth: pair * depth, st.sampled_from([b"[", b'{"a":', b'[{"":']), st.integers(1, 150_000)),
    st.integers(1, 300).map(lambda depth: b'{"call_metadata":' + b'{"a":' * depth + b"1" + b"}" * (depth + 1)),
    st.integers(0, 2**20 + 4096).map(lambda size: b'{"to_number":"' + b"1" * size + b'"}'),
)
