"""Numbers that the service never dials, whoever asks for it."""

from typing import Final

EMERGENCY_SENTENCE: Final = "Must not be an emergency number: the service never dials one."

#: Countries in which the number is one for emergencies, by their codes.
_112: Final = "7 30 36 40 90 213 352 354 356 357 359 370 371 372 373 374 380 381 382 385 386 387 389 420 421 423 995"
_911: Final = "51 54 58 63 502 503 505 506 507 591 593 595 598 962 966"
_999: Final = "60 65 95 254 256 260 263 852 853 880 966 968 971 973 974"

#: Emergency and crisis lines, whole numbers (+91 11 is Delhi), with and without a country's code.
EMERGENCY_NUMBERS: Final = frozenset(
    {
        *("+112", "+911", "+999"),
        *(f"+{country}112" for country in _112.split()),
        *(f"+{country}911" for country in _911.split()),
        *(f"+{country}999" for country in _999.split()),
        *("+1911", "+1112", "+1933", "+1988"),
        *("+44999", "+44112", "+49110", "+49112", "+33112", "+3315", "+3317", "+3318", "+39112", "+34112", "+31112"),
        *(
            "+32112",
            "+41112",
            "+41117",
            "+41118",
            "+41144",
            "+43112",
            "+43122",
            "+43133",
            "+43144",
            "+353112",
            "+353999",
        ),
        *("+46112", "+47112", "+45112", "+358112", "+48112", "+351112", "+30112"),
        *("+61000", "+61112", "+64111", "+81110", "+81119", "+86110", "+86119", "+86120", "+82112", "+82119"),
        *(
            "+91100",
            "+91101",
            "+91102",
            "+91108",
            "+91112",
            "+27112",
            "+2710111",
            "+55190",
            "+55192",
            "+55193",
            "+52911",
        ),
    }
)
