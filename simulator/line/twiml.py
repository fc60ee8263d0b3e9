"""TwiML, read: the verbs of a `<Response>`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

DEEPEST = 20
_COUNT = re.compile(r"\d{1,5}", re.ASCII)


class TwimlError(Exception):
    """A document Twilio would not execute, with its error code."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code} {message}")


@dataclass(slots=True)
class Verb:
    """One element, with the text directly and (as in SSML) more deeply inside it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Verb] = field(default_factory=list)

    def number(self, name: str, default: float) -> float:
        """An attribute that counts something, or what Twilio assumes without it."""
        text = self.attributes.get(name, "").strip()
        return float(text) if _COUNT.fullmatch(text) else default

    def spoken(self) -> str:
        """All text inside, on one line."""
        parts = [self.text, *(child.spoken() for child in self.children)]
        return " ".join(" ".join(parts).split())


class _Builder:
    """Collects what the parser reports."""

    def __init__(self) -> None:
        self.root: Verb | None = None
        self._open: list[Verb] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        verb = Verb(name, attributes)
        if len(self._open) >= DEEPEST:
            raise TwimlError(12200, f"<{name}> is nested too deeply")
        if self._open:
            self._open[-1].children.append(verb)
        else:
            self.root = verb
        self._open.append(verb)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        self._open[-1].text += text

    def doctype(self, *_declaration: object) -> None:
        # Entities are how a small document grows without bound; TwiML has no use for them.
        raise TwimlError(12100, "a document type declaration is not allowed")


def read_twiml(document: bytes) -> list[Verb]:
    """The verbs of the document, or TwimlError: 12100 not XML, 12200 not TwiML's schema."""
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise TwimlError(12100, f"document parse failure: {error}") from error
    if builder.root is None or builder.root.name != "Response":
        raise TwimlError(12100, "the root element must be <Response>")
    return builder.root.children
