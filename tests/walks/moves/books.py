"""What must agree in all that Redis holds, after every move, whatever went before it."""

import json
from collections import Counter
from math import inf
from typing import Any

from schemas.campaigns.marks import Mark
from tests.walks.gate import Fault
from tests.walks.moves.campaign import Campaign
from tests.walks.moves.room import MOST_LIVE, Room
from tests.walks.moves.shelf import Shelf

_LIVE = {"dispatched", "dialling", "confirming", "placed"}
_FINAL = {"ended", "rejected", "unknown", "cancelled"}
_TALKING = _LIVE - {"dispatched"}
_WAITING = {Mark.WAITING, Mark.AGAIN}


class Books:
    """One look at them."""

    def __init__(self, room: Room) -> None:
        self.room, self.shelf = room, Shelf(room.redis)
        tasks = self.shelf.tasks
        self.calls = {name: its for name, its in tasks.items() if its.get("kind") != "bulk"}
        self.campaigns = {name: its for name, its in tasks.items() if its.get("kind") == "bulk"}
        self.ends: Counter[tuple[str, str, str]] = Counter()  #: of attempts: task, place, number of the attempt
        self.lines = dict(self.shelf.under("line:"))

    def need(self, holds: object, *told: object) -> None:
        if not holds:
            raise Fault(" ".join(map(str, told)))

    def check(self) -> None:
        for name, its in self.calls.items():
            self.need("state" in its and "to" in its and "created_ms" in its, name, "is half a record", its)
        self.places()
        self.kept()
        self.limits()
        self.waiting()
        self.campaigns_add_up()
        self.sids()
        self.talk()
        self.events()

    def places(self) -> None:
        """Each call stands where its state wants it, and nowhere else."""
        live = {name for name, its in self.calls.items() if its["state"] in _LIVE}
        self.need(self.shelf.get("live") == (live or {}), "live", self.shelf.get("live"), live)
        looked_at = {"dispatched": "stuck", "dialling": "stuck", "confirming": "checks", "placed": "checks"}
        for name, its in self.calls.items():
            where = looked_at.get(its["state"])
            if where:
                self.need(name in self.shelf.get(where), name, its, "is not among", where)
        for where, states in (("stuck", {"dispatched", "dialling"}), ("checks", {"confirming", "placed"})):
            for name in self.shelf.get(where):
                state = self.calls.get(name, {}).get("state")
                self.need(state in states, name, state, "is among", where)
        for name in self.shelf.get("leases"):
            self.need(name in self.shelf.get("checks"), name, "has a lease and no check")
        for kind in ("account", "singles"):
            for name in self.shelf.get(f"slots:{kind}"):
                self.need(
                    self.calls.get(name, {}).get("state") == "dispatched", name, "has a slot", self.calls.get(name)
                )
        for name, its in self.calls.items():
            ends = f"task:{name}" in self.shelf.ending
            self.need(ends == (its["state"] in _FINAL), name, its, "ends" if ends else "does not end")

    def note_lowered(self) -> None:
        """An edit may leave more live than a campaign may have from then on."""
        for name, its in self.campaigns.items():
            self.room.most_live[name] = int(its.get("live", 0))

    def kept(self) -> None:
        """What belongs to a task that goes on does not end before it."""
        sides = ("events", "undelivered", "troubled", "log", "rows", "marks", "sets", "zones", "recent")
        for name, its in self.shelf.tasks.items():
            if f"task:{name}" in self.shelf.ending:
                continue
            for side in sides:
                self.need(f"{side}:{name}" not in self.shelf.ending, f"{side}:{name}", "ends before", its)
            if "idem" in its and not its.get("forgotten"):
                answer = f"idem:{its['idem']}"
                self.need(answer in self.shelf.all and answer not in self.shelf.ending, answer, "ends before", its)

    def limits(self) -> None:
        """What came to Twilio in no time is more than its limit; nor does more live than may."""
        live = set(self.shelf.get("live")) - self.room.revived
        self.need(len(live) <= MOST_LIVE, len(live), "are live")
        for name, its in self.campaigns.items():
            of_it = [one for one in live if one.startswith(f"{name}-")]
            most = max(int(its["max_live"]), self.room.most_live.get(name, 0))
            self.need(len(of_it) <= most, name, its, "has live", of_it)

    def waiting(self) -> None:
        """What waits stands in one line, or in none while something else brings it back."""
        standing = Counter(member for line in self.lines.values() for member in line)
        heads = self.shelf.get("lines")
        for line, members in self.lines.items():
            first = min(members.values())
            self.need(
                heads.get(line, inf) <= first + 1, line, "begins with", first, "and is known with", heads.get(line)
            )
        closing = self.shelf.get("closing")
        for name, its in self.calls.items():
            waits, is_single = its["state"] == "waiting", its["kind"] != "bulk_call"
            in_line = standing.pop(name, 0)
            if not (waits and is_single):
                self.need(not in_line, name, its, "stands in a line")
            elif "paused" in its:
                self.need(not in_line and "later_ms" in its, name, its, "is paused")
            else:
                over_ms = min(int(its.get("closes_ms", 2**60)), int(its.get("expires_ms", 2**60)))
                self.need(in_line == 1 or (not in_line and name in closing), name, its, "stands in", in_line, "lines")
                self.need(over_ms == 2**60 or name in closing, name, its, "is not among closing")
            again = self.shelf.get(f"again:{its.get('bulk')}")
            if not is_single and its.get("bulk") in self.campaigns:
                self.need((name in again) == waits, name, its, "again", again)
        for name in standing:
            self.need(name in self.campaigns, name, "stands in a line and is nothing")

    def campaigns_add_up(self) -> None:
        in_campaigns: Counter[str] = Counter()
        for name, its in self.calls.items():
            if its["kind"] != "bulk_call" and "counted" in its:
                in_campaigns[its.get("client", "")] += int(its["counted"])
                paused = its["state"] == "waiting" and "paused" in its
                self.need(int(its["counted"]) == int(paused), name, its, "is counted")
        for name, its in self.campaigns.items():
            in_campaigns[its.get("client", "")] += int(its.get("counted", 0))
            Campaign(self, name).check()
        told = {client: int(count) for client, count in self.shelf.get("in_campaigns").items()}
        self.need(told == {client: count for client, count in in_campaigns.items() if count}, told, in_campaigns)

    def sids(self) -> None:
        known = dict(self.shelf.under("sid:"))
        for name, its in self.calls.items():
            if "sid" in its:
                self.need(known.get(its["sid"]) == name, name, its, "has a SID of", known.get(its["sid"]))

    def talk(self) -> None:
        began = [int(its["talk_ms"]) for its in self.calls.values() if "talk_ms" in its]
        states = {its["state"] for its in self.calls.values() if "talk_ms" in its}
        self.need(states <= _TALKING, "talk", states)
        told = self.shelf.get("talk")
        self.need(int(told.get("calls", 0)) == len(began), told, began)
        self.need(abs(int(told.get("since_ms", 0)) - sum(began)) <= len(began), told, began)

    def events(self) -> None:
        """Numbers of events rise by one, each attempt has one end, and what is not delivered is looked at."""
        untold: Any = self.shelf.get("untold")
        for name in self.shelf.tasks:
            kept = self.shelf.get(f"events:{name}")
            self.need(not kept or name in untold, name, "has events that nobody looks at", kept)
            its, failing = self.shelf.tasks[name], sum(bool(json.loads(one).get("failures")) for one in kept.values())
            self.need(int(its.get("retrying", 0)) == failing, name, its, "retries", kept)
            lost = self.shelf.get(f"undelivered:{name}")
            self.need(int(its.get("undelivered", 0)) == len(lost), name, its, "was not told", lost)
        in_mail = {name for lane, names in self.shelf.under("mail:") if "|" in lane for name in names}
        self.need(set(untold) == in_mail, "untold", untold, "in the mail", in_mail)
        numbers: dict[tuple[str, str], list[int]] = {}
        ends = self.ends
        for owner, entries in self.shelf.under("log:"):
            for entry in entries:
                _, row, kind, what = entry.split("|", 3)
                if kind == "e":
                    attempt, _, _, flags, _, number = what.split("|")
                    numbers.setdefault((owner, row), []).append(int(number))
                    if "f" in flags and "c" not in flags:
                        ends[owner, row, attempt] += 1
        for whose, found in numbers.items():
            self.need(found == list(range(len(found))), whose, found)
        self.need(
            all(count == 1 for count in ends.values()), {whose: count for whose, count in ends.items() if count > 1}
        )
