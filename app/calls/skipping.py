"""Which rows of a campaign are dialled, and which are left out because their numbers are not to be called."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from aiohttp import web

from app.calls.campaign_time import uncallable
from app.calls.shared_fields import clients_urls
from app.calls.wording import lacking, wanted_names
from app.context import CLIENT, DO_NOT_CALL, LEDGER, SETTINGS
from app.http.body.checking import BODY, invalid_request
from app.http.idempotency import key_digest
from app.security.dial_rules import skips
from schemas.bodies.campaigns.trying import SKIP_REASONS
from schemas.bodies.fields import Unreadable
from schemas.campaigns.rows import Row

_NONE_LEFT: Final = "Must hold a number that may be called: each is left out, for {}."


class Chosen(NamedTuple):
    """The rows that a client gave, each once."""

    rows: Sequence[Row]  #: that are dialled, in the order given
    skipped: str = ""  #: as the record keeps it: the place of each other one among those given, and why

    def told(self, given: Sequence[Row]) -> list[dict[str, object]]:
        """What the client reads of those that were left out."""
        return [
            {"index": place, "to_number": given[place].number, "reason": reason}
            for place, reason in self.reasons().items()
        ]

    def reasons(self) -> dict[int, str]:
        """Why, by their places among those given."""
        return _places(self.skipped)


class Terms(NamedTuple):
    """What the rows of a campaign are held to."""

    from_numbers: Sequence[str]
    wanted: frozenset[str]  #: names of variables that each must have
    client: str | None  #: whose campaign it is, and so whose do-not-call list counts
    uncallable: Callable[[Sequence[Row]], Awaitable[Mapping[int, str]]]  #: see campaign_time.uncallable


def terms_of(request: web.Request) -> Terms:
    """Those of a campaign that the request begins."""
    body, settings = request[BODY], request.app[SETTINGS]
    from_number = body.get("from_number") or settings.dial_rules.caller_ids.default
    from_numbers, client = body.get("from_numbers") or [from_number], request.get(CLIENT)
    is_spoken = "webhook_url" not in clients_urls(body, settings.public_base_url)
    wanted = wanted_names(body) if is_spoken else frozenset()
    return Terms(from_numbers, wanted, client, partial(uncallable, request, body))


async def chosen_rows(request: web.Request, given: Sequence[Row], terms: Terms) -> Chosen:
    """
    Those that may be called; raises InvalidRequest if none may.

    A request that was answered before is answered the same, whoever came onto a list since: it chooses nothing anew.
    """
    distinct, body = distinct_places(given), request[BODY]
    left_out = _left_out(request, given, terms) if skips(body) else {}
    if skips(body):
        known = [place for place in range(len(given)) if place not in left_out]
        reasons = await terms.uncallable([given[place] for place in known])
        left_out |= {known[place]: reason for place, reason in reasons.items()}
    numbers = list({given[place].number for place in distinct if place not in left_out})
    barred = await request.app[DO_NOT_CALL].among(terms.client, numbers) if numbers else frozenset()
    left_out |= {place: "do_not_call" for place in distinct if given[place].number in barred}
    left_out = {place: left_out[place] for place in distinct if place in left_out}
    if len(left_out) < len(distinct):
        return _without(given, distinct, left_out)
    if not body.get("dry_run") and (digest := key_digest(request)) and await request.app[LEDGER].is_answered(digest):
        return Chosen([given[place] for place in distinct])
    name = "phone_numbers" if "phone_numbers" in body else "recipients"
    why = " and ".join(reason for reason in SKIP_REASONS if reason in left_out.values())
    of_each = lacking(terms.wanted, body.get("recipients", ())) if "missing_variable" in left_out.values() else {}
    raise invalid_request({name: of_each | {"_schema": [_NONE_LEFT.format(why)]}})


def _left_out(request: web.Request, given: Sequence[Row], terms: Terms) -> dict[int, str]:
    """What is left out for what it is itself."""
    body, rules = request[BODY], request.app[SETTINGS].dial_rules
    reasons: dict[int, str] = {}
    for place, row in enumerate(given):
        if isinstance(row.number, Unreadable):
            reasons[place] = "invalid_number"
        elif rules.refuses(row.number, terms.from_numbers):
            reasons[place] = "prefix_refused"
        elif terms.wanted and not terms.wanted.issubset(
            body["recipients"][place].get("variables", ()) if "recipients" in body else ()
        ):
            reasons[place] = "missing_variable"
    return reasons


def chosen_before(given: Sequence[Row], skipped: str) -> Chosen:
    """Those that were chosen when the same was asked before."""
    return _without(given, distinct_places(given), _places(skipped))


def distinct_places(given: Sequence[Row]) -> list[int]:
    """Places of those that did not come before: repeated is one whose number and id are."""
    places: dict[tuple[str, str | None], int] = {}
    for place, row in enumerate(given):
        places.setdefault((row.number, row.external_id), place)
    return list(places.values())


def _without(given: Sequence[Row], distinct: Iterable[int], left_out: dict[int, str]) -> Chosen:
    skipped = ",".join(f"{place}:{reason}" for place, reason in left_out.items())
    return Chosen([given[place] for place in distinct if place not in left_out], skipped)


def _places(skipped: str) -> dict[int, str]:
    pairs = (one.split(":") for one in skipped.split(",") if one)
    return {int(place): reason for place, reason in pairs}
