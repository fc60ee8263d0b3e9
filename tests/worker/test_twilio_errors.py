"""What Twilio's codes mean for the work: a code sorted wrongly repeats calls, or stops too much or too little."""

import pytest

from worker.twilio_errors import ERRORS, ErrorClass, sort_error


def _codes(error_class: ErrorClass) -> set[int]:
    return {code for code, (sorted_as, _) in ERRORS.items() if sorted_as is error_class}


def test_only_codes_of_requests_that_were_not_processed_are_tried_again() -> None:
    assert _codes(ErrorClass.LATER) == {10004, 20429}


def test_a_code_about_the_account_stops_all_work() -> None:
    assert _codes(ErrorClass.ACCOUNT) == {10001, 20003, 20005, 20008, 20403}


def test_a_code_about_the_caller_stops_its_campaign() -> None:
    assert _codes(ErrorClass.CALLER) == {21203, 21210, 21212, 21213, 21218}


@pytest.mark.parametrize(
    ("code", "http_status", "error_class"),
    [
        (None, 401, ErrorClass.ACCOUNT),
        (99_999, 403, ErrorClass.ACCOUNT),
        (21211, 401, ErrorClass.NUMBER),
        (None, 400, ErrorClass.NUMBER),
        (99_999, 404, ErrorClass.NUMBER),
    ],
)
def test_a_refusal_without_a_known_code_goes_by_its_http_status(
    code: int | None, http_status: int, error_class: ErrorClass
) -> None:
    assert sort_error(code, http_status) is error_class
