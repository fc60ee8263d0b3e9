"""The shipped list of what costs a surcharge, held against libphonenumber's examples of each kind in each country."""

from collections.abc import Iterator

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from runtime.dialled.rules import BLOCKED_SENTENCE, PREMIUM_SENTENCE, SELF_SENTENCE, NumberRules
from schemas.e164 import number_of
from schemas.numbers.emergency import EMERGENCY_SENTENCE
from schemas.numbers.trunk import _TRUNKS, without_trunk

COSTLY = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
OTHERS = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PAGER,
    PhoneNumberType.UAN,
)
#: Countries where some of what costs a surcharge begins as other numbers do, and differs from them in length.
ALIKE = {"CL", "IE", "KH", "LB", "MV", "MY", "PM", "TH"}


def examples(kinds: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """Region and number."""
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in kinds:
            if number := phonenumbers.example_number_for_type(region, kind):
                yield region, phonenumbers.format_number(number, PhoneNumberFormat.E164)


def test_no_example_of_what_costs_a_surcharge_is_dialled() -> None:
    rules = NumberRules()
    dialled = {region for region, number in examples(COSTLY) if rules.fault(number, ()) != PREMIUM_SENTENCE}
    assert dialled == ALIKE


def test_every_example_of_another_kind_is_dialled() -> None:
    rules = NumberRules()
    assert [(region, number) for region, number in examples(OTHERS) if rules.fault(number, ())] == []


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("+4409098790000", PREMIUM_SENTENCE),
        ("+119005550100", PREMIUM_SENTENCE),
        ("+4900900123456", None),
        ("+440999", EMERGENCY_SENTENCE),
        ("+4402071838750", BLOCKED_SENTENCE),
        ("+4401614960000", SELF_SENTENCE),
        ("+390698765432", None),
        ("+4401212345678", None),
    ],
)
def test_a_trunk_prefix_behind_the_countrys_code_opens_no_way_around_a_rule(number: str, sentence: str | None) -> None:
    rules = NumberRules(blocked=("+4420",))
    assert rules.fault(number_of(number) or "", ["+441614960000"]) == sentence


def test_no_countrys_code_begins_with_anothers_so_that_the_first_is_the_right_one() -> None:
    assert [code for code in _TRUNKS for other in _TRUNKS if code != other and code.startswith(other)] == []


@pytest.mark.parametrize("number", ["+12025550100", "+1234567890", "+390698765432", "+79161234567", "+2250712345678"])
def test_a_number_as_it_should_be_stays_as_it_is(number: str) -> None:
    assert without_trunk(number) == number
