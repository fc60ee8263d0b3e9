"""Whether the texts of a request can be spoken with the variables that it gives, to each whom it calls."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.calls.spoken import message_fault
from app.security.dial_rules import skips
from schemas.spoken import template
from schemas.spoken.speech import Twiml

Faults = dict[Any, Any]


def wanted_names(body: Mapping[str, Any]) -> frozenset[str]:
    """Of the variables that a request's texts name; none if its webhook_url tells what is said."""
    if body.get("webhook_url"):
        return frozenset()
    metadata = body.get("call_metadata")
    texts = [metadata.values.get("message") if metadata else None]
    texts += [body.get(name, {}).get(field) for name, field in (("machine", "message"), ("gather", "prompt"))]
    return frozenset().union(*(template.names(text) for text in texts if text))


def longest_variables(body: Mapping[str, Any]) -> dict[str, str]:
    """Variables with which texts are as long as they get for anybody: a campaign's recipients have their own."""
    variables: dict[str, str] = dict(body.get("variables", {}))
    for one in body.get("recipients") or ():
        for name, value in one.get("variables", {}).items():
            if Twiml.FETCHED.size(value) >= Twiml.FETCHED.size(variables.get(name, "")):
                variables[name] = value
    return variables


def wording_faults(body: Mapping[str, Any], metadata: Mapping[str, Any], *, inline: bool) -> Faults:
    """What is wrong with the message, or with variables that it names: field -> sentences."""
    if "recipients" in body and not skips(body) and (faults := lacking(wanted_names(body), body["recipients"])):
        return {"recipients": faults}
    fault = message_fault(metadata, longest_variables(body), inline=inline)
    return {"call_metadata": {"message": [fault]}} if fault else {}


def lacking(wanted: frozenset[str], recipients: Sequence[Mapping[str, Any]]) -> Faults:
    """What recipients lack of the variables that the texts name: place -> faults."""
    missing = {place: sorted(wanted.difference(one.get("variables", ()))) for place, one in enumerate(recipients)}
    return {
        place: {"variables": [f"Must hold {', '.join(names)}, which the message names."]}
        for place, names in missing.items()
        if names
    }
