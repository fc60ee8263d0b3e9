"""Who is never called in hours that a campaign was given meanwhile is not tried again: it would wait for ever."""

from schemas import keys
from schemas.campaigns.editing import edit
from schemas.campaigns.rows import Row
from schemas.hours.setting import read_windows
from tests.scripts.conftest import Store
from tests.scripts.retrials import again, end
from tests.scripts.zones import IN_LOS_ANGELES, IN_NEW_YORK, NEW_YORK, Clock, campaign, clock, sweep

__all__ = ["clock"]

ANYWHERE = "+18005550100"
MORNING = read_windows("mon-sun 09:00-11:00")


def test_a_row_whose_windows_never_open_is_left_alone(store: Store, clock: Clock) -> None:
    clock.set("2027-01-12T20:00", NEW_YORK)
    its = campaign(store, IN_NEW_YORK, ANYWHERE, Row(ANYWHERE, "known", timezone=NEW_YORK), IN_LOS_ANGELES, hours=None)
    sweep(store)
    for minute in (1, 2, 3):
        clock.set(f"2027-01-12T20:0{minute}", NEW_YORK)
        (call,) = store.ledger.admit(1)
        end(store, call, "busy", f"CA{minute}")
    store.scripts.run(edit(its, {"windows": MORNING.text(), "unplanned": "1"}, "an edit"))
    assert again(store, its, "n").tried == 0
    sweep(store)
    assert again(store, its, "b", digest="two").tried == 2
    assert store.redis.get(keys.marks(its)) == "rbrw"
    assert store.task(its)["busy"] == "1"
