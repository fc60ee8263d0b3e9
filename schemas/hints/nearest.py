"""Which known word somebody meant who wrote another."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that the word is but for one letter, two that changed places, capitals, or another separator."""
    plain = _plain(word)
    return next((one for one in known if one != word and _is_one_off(plain, _plain(one))), None)


def _plain(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def _is_one_off(word: str, meant: str) -> bool:
    if abs(len(word) - len(meant)) > 1:
        return False
    if len(word) != len(meant):
        longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    wrong = [at for at, (one, other) in enumerate(zip(word, meant, strict=True)) if one != other]
    match wrong:
        case [] | [_]:
            return True
        case [first, second]:
            return second == first + 1 and word[first] == meant[second] and word[second] == meant[first]
        case _:
            return False
