"""
What is dialled before a number within its country (the trunk prefix). People write it behind the country's code, too,
and whoever takes numbers as people write them leaves it out there: +44 0909 … is +44 909 ….

Source: libphonenumber 9.0.43, countries in which no number begins so. Mexico's 1, which stood before mobile numbers
until 2019, is in many address books still: https://www.twilio.com/blog/mexico-france-regulatory-compliance-updates-august-2019
"""

from typing import Final

_COUNTRIES: Final = {
    "0": (
        "20 211 212 213 218 231 232 233 234 243 249 251 252 254 255 256 260 261 262 263 264 265 27 291 31 32 33 353 "
        "355 358 370 373 374 377 380 381 382 383 385 386 387 389 40 41 421 423 43 44 46 49 508 51 53 54 55 57 58 590 "
        "591 593 594 595 596 60 61 63 64 686 84 850 855 856 86 880 886 90 92 93 94 95 961 962 963 964 966 967 970 971 "
        "972 976 977 98 994 995 996"
    ),
    "06": "36",
    "1": "1 52 692",
    "8": "993",
}
_TRUNKS: Final = {f"+{country}": trunk for trunk, countries in _COUNTRIES.items() for country in countries.split()}
#: Of a country's code, its + included.
_CODE_LENGTHS: Final = (2, 3, 4)


def without_trunk(number: str) -> str:
    """The number as it is in E.164."""
    for length in _CODE_LENGTHS:
        code = number[:length]
        if trunk := _TRUNKS.get(code):  # no country's code begins with another's
            rest = number[length:].removeprefix(trunk)
            return code + rest if rest else number
    return number
