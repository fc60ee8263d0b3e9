"""Whether the texts of a request can be spoken with the variables that it gives, to each whom it calls."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from app.calls.spoken import message_fault, surely_fits
from app.security.dial_rules import skips
from schemas.spoken import template
from schemas.spoken.speech import Twiml

Faults = dict[Any, Any]


def wanted_names(body: Mapping[str, Any]) -> frozenset[str]:
    """Of the variables that a request's texts name."""
    metadata = body.get("call_metadata")
    texts = [metadata.values.get("message") if metadata else None]
    texts += [body.get(name, {}).get(field) for name, field in (("machine", "message"), ("gather", "prompt"))]
    return frozenset().union(*(template.names(text) for text in texts if text))


def longest_variables(body: Mapping[str, Any]) -> dict[str, str]:
    """Variables with which texts are as long as they get for anybody: a campaign's recipients have their own."""
    if not body.get("recipients"):
        return dict(body.get("variables", {}))
    values = defaultdict[str, list[str]](list)
    for one in body["recipients"]:
        for name, value in one.get("variables", {}).items():
            values[name].append(value)
    return {**body.get("variables", {}), **{name: longest(its) for name, its in values.items()}}


def longest(texts: Sequence[str]) -> str:
    """The one that takes most; where no character takes more than one byte, that is the one of most characters."""
    size, whole = Twiml.FETCHED.size, "".join(texts)
    return max(texts, key=len if size(whole) == len(whole) else size)


def wording_faults(body: Mapping[str, Any], metadata: Mapping[str, Any], *, inline: bool) -> Faults:
    """What is wrong with the message, or with variables that it names: field -> sentences."""
    if "recipients" in body and not skips(body) and (faults := lacking(wanted_names(body), body["recipients"])):
        return {"recipients": faults}
    if surely_fits(metadata):
        return {}
    fault = message_fault(metadata, longest_variables(body), inline=inline)
    return {"call_metadata": {"message": [fault]}} if fault else {}


def lacking(wanted: frozenset[str], recipients: Sequence[Mapping[str, Any]]) -> Faults:
    """What recipients lack of the variables that the texts name: place -> faults."""
    return {
        place: {"variables": [f"Must hold {', '.join(sorted(names))}, which the message names."]}
        for place, one in enumerate(recipients)
        if (names := wanted.difference(one.get("variables", ())))
    }
