"""The page a person sees at `/`: the newest calls."""

from __future__ import annotations

from datetime import datetime
from html import escape
from itertools import islice

from aiohttp import web

from simulator.calls.call import Call
from simulator.simulation import Simulation

SHOWN_CALLS = 200
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem; color: #1b1b1b }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid #ddd;
  vertical-align: top }
td.sid { font-family: ui-monospace, monospace; font-size: 12px }
p.note { color: #555 }
"""


def _clock_time(epoch_seconds: float) -> str:
    return datetime.fromtimestamp(epoch_seconds).strftime("%H:%M:%S")


def _row(call: Call) -> str:
    cells = [
        _clock_time(call.created_at),
        call.request.to,
        call.request.from_,
        call.status,
        f"{call.duration_seconds} s" if call.answered_at and call.ended_at else "",
        call.answered_by or "",
        call.digits_pressed,
        ", ".join(call.voices),
        ", ".join(call.languages),
    ]
    heard = "<br>".join(escape(line) for line in call.heard)
    row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr>{row}<td>{heard}</td><td class="sid">{escape(call.sid)}</td></tr>'


async def front_page(simulation: Simulation) -> web.Response:
    """The newest calls of all accounts as plain HTML."""
    register = simulation.register
    newest = islice(reversed(register.oldest_first()), SHOWN_CALLS)
    heads = (
        "Created",
        "To",
        "From",
        "Status",
        "Duration",
        "Answered by",
        "Digits",
        "Voice",
        "Language",
        "Heard",
        "Sid",
    )
    head = "".join(f"<th>{name}</th>" for name in heads)
    rows = "\n".join(_row(call) for call in newest)
    page = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>Simulated calls</title><style>{_STYLE}</style></head><body>
<h1>Simulated calls</h1>
<p class="note">No telephone rings: this machine plays Twilio. {register.created} calls created,
{register.live_now} live now, {register.max_live} at most at once. Below are the newest
{SHOWN_CALLS}. Numbers ending in 0101 are busy, in 0102 do not answer, in 0103 fail, in 0104 are
machines.</p>
<table><thead><tr>{head}</tr></thead><tbody>
{rows}
</tbody></table></body></html>
"""
    return web.Response(text=page, content_type="text/html")
