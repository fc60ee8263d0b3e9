"""What the document says of an Idempotency-Key is what the service takes."""

import re
from typing import Final

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import example, given
from hypothesis import strategies as st

from app.endpoints.documented import IDEMPOTENCY_HEADER
from app.errors import InvalidRequest
from app.http.idempotency import HEADER, key_digest

_SCHEMA: Final = IDEMPOTENCY_HEADER["schema"]
#: Of what a header may hold.
_CHARACTERS: Final = st.characters(min_codepoint=32, max_codepoint=126)


def _is_documented(key: str) -> bool:
    assert isinstance(_SCHEMA, dict)
    return _SCHEMA["minLength"] <= len(key) <= _SCHEMA["maxLength"] and re.search(_SCHEMA["pattern"], key) is not None


@given(st.text(_CHARACTERS, min_size=1, max_size=6).map(str.strip))
@example("a" * 255)
@example("a" * 256)
@example('" "')
@example('"" a')
def test_exactly_the_keys_that_the_document_allows_are_taken(key: str) -> None:
    request = make_mocked_request("POST", "/", headers={HEADER: key})
    if _is_documented(key):
        assert key_digest(request)
    else:
        with pytest.raises(InvalidRequest):
            key_digest(request)


@pytest.mark.parametrize("key", ["", '"', '""', '"" '])
def test_what_holds_no_key_is_neither_allowed_nor_taken(key: str) -> None:
    assert not _is_documented(key)
    with pytest.raises(InvalidRequest):
        key_digest(make_mocked_request("POST", "/", headers={HEADER: key}))
