"""Every answer that may come to the request for a call is exactly one thing, whoever sent it."""

from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from tests.worker.answering import NO_BODY, Answering, answering, error, problem
from tests.worker.calls import placed_with, record
from worker.settings import Settings
from worker.twilio.outcomes import Deferred, Outcome, Placed, Refused, Unknown
from worker.twilio.refusals import About
from worker.twilio.telephone import Telephone

SID = "CA" + "7" * 32
CALL = {"sid": SID, "status": "queued"}
#: The registered ones, those of well-known proxies, and the ends of each hundred.
STATUSES = [
    *range(200, 209), 226, 299, *range(300, 309), 399, *range(400, 419), *range(421, 427), 428, 429, 431, 444, 450, 451,
    460, 463, *range(494, 512), *range(520, 528), 530, 561, 598, 599, 600, 999,
]  # fmt: skip

#: Form -> body, and the code of Twilio's in it.
BODIES: dict[str, tuple[bytes | dict[str, Any] | list[Any], int | None]] = {
    "Twilio's JSON": (error(21211), 21211),
    "a code as text": (error("21211"), 21211),
    "RFC 9457": (problem(21211), 21211),
    "RFC 9457 with detail": (problem(21211) | {"detail": "No.", "instance": "/x", "errors": []}, 21211),
    "an unknown code": (error(99_999), 99_999),
    "HTML": (b"<html><title>Sign in</title></html>", None),
    "nothing": (b"", None),
    "JSON cut short": (b'{"code": 21211, "message": "The num', None),
    "no code": ({"message": "Bad Request", "status": 400}, None),
    "no sentence": ({"code": 21211}, None),
    "a status for code": (error(400), None),
    "a word for code": (error("invalid_number"), None),
    "truth for code": (error(True), None),
    "a fraction for code": (error(21211.0), None),
    "another's nested code": ({"error": error(21211)}, None),
    "a list": ([error(21211)], None),
    "JSON of no object": (b'"21211"', None),
    "far too deep": (b"[" * 100_000, None),
    "no UTF-8": (b"\xff\xfe{}", None),
}
ABOUT = {21211: About.NUMBER, 99_999: About.AMBIGUOUS, None: About.ACCOUNT}


@pytest.fixture(scope="module")
def server() -> Iterator[Answering]:
    """A Twilio, or something before it, that says what it is told to."""
    with answering() as told:
        yield told


@pytest.fixture
def telephone(settings: Settings, server: Answering) -> Telephone:
    """Connected to that."""
    return Telephone(replace(settings, api_base_url=server.url))


def _kind(outcome: Outcome) -> tuple[str, int | None, About | None]:
    if isinstance(outcome, Refused):
        return "refused", outcome.code, outcome.about
    return type(outcome).__name__.lower(), None, None


def _expected(status: int, code: int | None) -> tuple[str, int | None, About | None]:
    if status in (425, 429):
        return "deferred", None, None
    if status in (408, 499) or status < 300 or status >= 500:
        return "unknown", None, None
    whom = About.ACCOUNT if status == 401 and code == 99_999 else ABOUT[code]
    return "refused", code, whom


@pytest.mark.parametrize("form", BODIES)
def test_an_answer_is_what_its_status_says_and_about_a_number_only_with_twilios_own_code(
    telephone: Telephone, server: Answering, form: str
) -> None:
    body, code = BODIES[form]
    wrong = {}
    for status in STATUSES:
        server.says(status, body)
        server.requests.clear()
        came = _kind(placed_with(telephone, record("+12025552200")))
        if came != _expected(status, None if status in NO_BODY else code) or len(server.requests) != 1:
            wrong[status] = (came, len(server.requests))

    assert wrong == {}


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_2xx_that_names_a_call_has_placed_it(telephone: Telephone, server: Answering, status: int) -> None:
    server.says(status, CALL)

    assert placed_with(telephone, record("+12025552201")) == Placed(SID, "queued")


def test_it_is_known_how_long_a_call_waits_in_twilios_own_queue(telephone: Telephone, server: Answering) -> None:
    for told, seconds in {"1000": 0, "1001": 1.001, "soon": 0, "-9000": 0, "9" * 400: 0, None: 0}.items():
        server.says(201, CALL | {"queue_time": told})
        assert placed_with(telephone, record("+12025552202")) == Placed(SID, "queued", seconds)


@pytest.mark.parametrize(
    "body",
    [
        *(b"<html>", [], {}, b"[" * 100_000, *({"sid": sid} for sid in ("", None, 5, "SM1", "CA", "CA1/", "CA1\n"))),
        CALL | {"date_created": f"Mon, 1 Jan {'9' * 20} 00:00:00 +0000"},
    ],
    ids=repr,
)
def test_a_2xx_that_names_no_call_is_in_doubt(
    telephone: Telephone, server: Answering, body: bytes | dict[str, Any] | list[Any]
) -> None:
    server.says(201, body)

    assert isinstance(placed_with(telephone, record("+12025552202")), Unknown)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_not_followed(telephone: Telephone, server: Answering, status: int) -> None:
    server.requests.clear()
    server.says(status, CALL, Location=f"{server.url}/elsewhere")
    outcome = placed_with(telephone, record("+12025552203"))

    assert _kind(outcome) == ("refused", None, About.ACCOUNT)
    assert [request.rpartition("/")[2] for request in server.requests] == ["Calls.json"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(201, Unknown), (302, Unknown), (400, Unknown), (401, Unknown), (425, Deferred), (429, Deferred)],
)
def test_an_answer_that_breaks_off_is_in_doubt_unless_its_status_says_that_nothing_was_processed(
    telephone: Telephone, server: Answering, status: int, kind: type
) -> None:
    server.says(status, error(21211), broken="yes")

    assert isinstance(placed_with(telephone, record("+12025552204")), kind)


def test_a_refusal_that_is_not_twilios_says_so_without_a_code(telephone: Telephone, server: Answering) -> None:
    server.says(407, b"<html>+12025552205</html>")
    outcome = placed_with(telephone, record("+12025552205"))

    assert isinstance(outcome, Refused)
    assert outcome.sentence == "Not Twilio but something on the way to it answered 407"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 0 ", 0),
        ("86400", 300),
        ("9" * 400, 300),
        ("Thu, 31 Dec 2099 23:59:59 GMT", 300),
        (formatdate(0, usegmt=True), 0),
        ("soon", None),
        (f"Thu, 31 Dec 2099 23:59:59 +{'9' * 20}", None),
        ("-1", None),
        ("1.5", None),
        ("\u00b2", None),
    ],
)
@pytest.mark.parametrize("status", [425, 429])
def test_a_retry_after_of_either_form_is_honoured_within_five_minutes(
    telephone: Telephone, server: Answering, status: int, value: str, seconds: float | None
) -> None:
    server.says(status, b"", Retry_After=value)
    outcome = placed_with(telephone, record("+12025552206"))

    assert isinstance(outcome, Deferred)
    assert outcome.retry_after_seconds == seconds


def test_a_retry_after_that_is_a_moment_is_one_of_the_clock_of_whoever_answered(
    telephone: Telephone, server: Answering
) -> None:
    server.says(429, b"", Date=formatdate(1_000_000, usegmt=True), Retry_After=formatdate(1_000_007, usegmt=True))
    outcome = placed_with(telephone, record("+12025552208"))

    assert isinstance(outcome, Deferred)
    assert outcome.retry_after_seconds == 7


@pytest.mark.parametrize("word", ["paused", "Queued", "unknown", "", None, 5])
def test_a_word_that_twilio_never_had_is_no_status_of_a_call_that_it_took(
    telephone: Telephone, server: Answering, word: object
) -> None:
    server.says(201, CALL | {"status": word})

    assert placed_with(telephone, record("+12025552209")) == Placed(SID, "queued")


@pytest.mark.parametrize(
    ("status", "body", "own"),
    [(429, error(20429), True), (400, error(10004), True), (429, b"slow down", False), (425, b"", False)],
)
def test_what_is_not_processed_is_twilios_own_answer_only_with_a_code_of_twilios(
    telephone: Telephone, server: Answering, status: int, body: bytes | dict[str, Any], own: bool
) -> None:
    server.says(status, body)
    outcome = placed_with(telephone, record("+12025552207"))

    assert isinstance(outcome, Deferred)
    assert outcome.by_twilio is own


def test_a_sentence_that_repeats_the_clients_url_tells_no_password(telephone: Telephone, server: Answering) -> None:
    url = f"https://amy:{'s3cret' * 100}@client.example/twiml"
    server.says(400, error(21205) | {"message": f"Url is not a valid URL: {url}"})
    outcome = placed_with(telephone, record("+12025552202", webhook_url=url))
    assert isinstance(outcome, Refused)
    assert "https://…@client.example/twiml" in outcome.sentence
    assert "s3cret" not in repr(outcome)
