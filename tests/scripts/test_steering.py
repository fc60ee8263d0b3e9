"""pause.lua, append.lua and page_rows.lua: a task is held, filled and seen."""

import pytest

from schemas import keys
from schemas.campaigns.editing import edit
from schemas.campaigns.filling import Appending, Bounds, Repetition, append
from schemas.campaigns.marks import Mark, marks_of
from schemas.campaigns.page import Page, page_rows
from schemas.campaigns.rows import Row
from schemas.scripts.begin import Go, Wait
from schemas.scripts.cancel import pause, resume
from schemas.scripts.outcome import later, placed
from schemas.states import CallOutcome
from tests.scripts.conftest import Store

NUMBERS = [f"+120255501{index:02d}" for index in range(10)]
MORE = [Row(number) for number in NUMBERS[5:]]


def add(store: Store, campaign: str, rows: list[Row] = MORE, digest: str = "one", **bounds: int) -> Appending:
    return store.scripts.run(append(campaign, rows, Repetition(digest, "b"), Bounds(**bounds)))


def page(store: Store, task_id: str, behind: int = 0, most: int = 50, marks: str = "") -> Page:
    found = store.scripts.run(page_rows(task_id, behind, most, marks))
    assert found is not None
    return found


def finished(store: Store, number: str = NUMBERS[0]) -> str:
    campaign = store.campaign(number)
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.outcome(call, placed("CA1", "queued", 60))
    store.callback(call, "busy")
    assert store.state(campaign) == "finished"
    return campaign


def test_a_paused_single_call_leaves_its_line_and_keeps_its_time(store: Store) -> None:
    call = store.call(delay_ms=60_000)
    due_ms = store.score("line:c:2:", call)
    assert store.scripts.run(pause(call)).verdict == "done"
    store.pass_time(30)
    assert store.ledger.admit(50) == []
    assert store.scripts.run(pause(call)).verdict == "already"
    assert store.scripts.run(resume(call)).verdict == "done"
    assert store.score("line:c:2:", call) == (due_ms or 0) - 30_000
    assert store.scripts.run(resume(call)).verdict == "already"
    store.pass_time(31)
    assert store.ledger.admit(50) == [call]


def test_a_single_call_that_is_paused_on_its_way_to_a_worker_does_not_leave(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    store.scripts.run(pause(call))
    assert isinstance(store.ledger.begin(call, "claim"), Wait)
    store.ledger.put_back(call)
    store.pass_time(10)
    assert store.ledger.admit(50) == []
    store.scripts.run(resume(call))
    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, "claim"), Go)


def test_what_was_due_while_its_call_was_paused_and_refused_for_now_goes_when_it_is_resumed(store: Store) -> None:
    call = store.dialling()
    pausing = store.scripts.run(pause(call))
    assert (pausing.verdict, pausing.leaving) == ("done", (call,))
    store.outcome(call, later(0))
    store.pass_time(5)
    assert store.ledger.admit(50) == []
    store.scripts.run(resume(call))
    assert store.ledger.admit(50) == [call]


def test_a_pause_names_the_requests_that_may_just_be_leaving_of_its_own_campaign(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2])
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.dialling_now(NUMBERS[3])
    assert store.scripts.run(pause(campaign)).leaving == (call,)


def test_what_is_over_part_of_a_campaign_or_unknown_cannot_be_paused(store: Store) -> None:
    single = store.call()
    store.cancel(single)
    campaign = store.campaign(*NUMBERS[:2])
    verdicts = [store.scripts.run(pause(one)).verdict for one in (single, f"{campaign}-1", f"{campaign}-3", "x")]
    assert verdicts == ["over", "part", "gone", "gone"]


def test_rows_that_are_added_are_dialled_behind_the_others(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2], max_live=10, client="alice")
    assert add(store, campaign).verdict == "done"
    called = []
    for _ in range(7):
        called += [store.task(call)["to"] for call in store.ledger.admit(50)]
        store.pass_time(1.1)
    assert called == NUMBERS[:2] + NUMBERS[5:]
    assert store.task(campaign)["total"] == "7"
    assert not store.redis.exists(keys.PREFIX + "in_campaigns")


def test_a_repetition_adds_nothing_and_another_request_with_its_key_is_refused(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2])
    assert [add(store, campaign).verdict for _ in range(2)] == ["done", "replayed"]
    assert store.scripts.run(append(campaign, MORE, Repetition("one", "other"))).verdict == "mismatch"
    assert store.task(campaign)["total"] == "7"


def test_a_finished_campaign_goes_on_and_is_finished_again(store: Store) -> None:
    campaign = finished(store)
    store.redis.hset(keys.task(campaign), mapping={"status_callback_url": "https://client.example/", "tells": "1"})
    store.pass_time(2)
    assert add(store, campaign, [Row(NUMBERS[1])]).verdict == "done"
    assert store.state(campaign) == "active"
    assert {store.redis.pttl(name) for name in (keys.task(campaign), keys.rows(campaign), keys.marks(campaign))} == {-1}
    (call,) = store.ledger.admit(50)
    assert call == f"{campaign}-2"
    store.ledger.begin(call, "claim")
    store.outcome(call, placed("CA2", "queued", 60))
    store.callback(call, "completed")
    assert store.state(campaign) == "finished"
    assert "finished:1" in store.redis.hgetall(f"{keys.PREFIX}events:{campaign}")
    assert store.redis.pttl(keys.marks(campaign)) > 0


def test_what_takes_no_more_rows_says_why(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2])
    verdicts = [
        add(store, campaign, most_waiting=6).verdict,
        add(store, campaign, most_a_day=4).verdict,
        add(store, campaign, run_until_us=1).verdict,
        add(store, store.call(), digest="two").verdict,
        add(store, f"{campaign}-1", digest="three").verdict,
        add(store, "x", digest="four").verdict,
    ]
    assert verdicts == ["crowded", "full", "late", "single", "single", "gone"]
    store.redis.hset(keys.task(campaign), "total", 499_999)
    assert add(store, campaign).verdict == "large"
    store.redis.hset(keys.task(campaign), "total", 2)
    store.cancel(campaign)
    assert add(store, campaign).verdict == "over"
    assert store.redis.llen(keys.rows(campaign)) == 2


def test_pages_show_every_row_once_in_the_order_given(store: Store) -> None:
    campaign = store.campaign(*NUMBERS)
    behind: int | None = 0
    seen = []
    while behind is not None:
        found = page(store, campaign, behind, most=3)
        seen += [row.row.number for row in found.rows]
        behind = found.behind
    assert seen == NUMBERS


def test_a_filter_finds_its_rows_wherever_they_stand(store: Store) -> None:
    campaign = store.campaign(*NUMBERS)
    store.redis.set(keys.marks(campaign), "wbwbrdlbaw")
    busy = page(store, campaign, most=2, marks=Mark.BUSY)
    rest = page(store, campaign, busy.behind or 0, most=2, marks=Mark.BUSY)
    assert [row.place for row in (*busy.rows, *rest.rows)] == [2, 4, 8]
    assert rest.behind is None
    waiting = page(store, campaign, marks=marks_of(CallOutcome.WAITING))
    assert [row.place for row in waiting.rows] == [1, 3, 5, 6, 10]


def test_a_row_shows_its_record_and_when_it_is_tried_again(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2], max_live=1)
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "claim")
    store.outcome(call, later(0))
    again, fresh = page(store, campaign).rows
    assert (again.mark, again.fields["state"], fresh.mark, fresh.fields) == (Mark.AGAIN, "waiting", Mark.WAITING, {})
    assert again.again_ms == int(store.task(call)["due_ms"])
    assert page(store, f"{campaign}-2").rows == [fresh]


@pytest.mark.parametrize("marks", ["", Mark.BUSY])
def test_a_single_call_is_one_row(store: Store, marks: str) -> None:
    call = store.placed(NUMBERS[0])
    store.callback(call, "busy")
    (row,) = page(store, call, marks=marks).rows
    assert (row.row, row.mark) == (Row(NUMBERS[0]), Mark.BUSY)
    assert page(store, call, marks=Mark.WAITING).rows == []


def test_of_what_there_is_not_no_page_is_shown(store: Store) -> None:
    campaign = store.campaign(*NUMBERS[:2])
    assert [store.scripts.run(page_rows(one, 0, 5)) for one in ("x", f"{campaign}-3")] == [None, None]


@pytest.mark.parametrize("way", ["resume", "cancel", "expire", "edit and cancel"])
def test_a_paused_call_counts_as_waiting_until_it_goes_on_or_ends(store: Store, way: str) -> None:
    call = store.call(NUMBERS[0], client="shop", delay_ms=60_000, expires_ms=store.now_ms() + 120_000)
    assert [store.scripts.run(pause(call)).verdict for _ in range(2)] == ["done", "already"]
    assert waiting(store) == "1"
    if way == "resume":
        store.scripts.run(resume(call))
    elif way == "expire":
        store.pass_time(121)
        store.ledger.closed()
        assert store.state(call) == "cancelled"
    else:
        if way.startswith("edit"):
            store.scripts.run(edit(call, {"rank": "1"}, "an edit"))
            assert waiting(store) == "1"
        store.cancel(call)
    assert waiting(store) is None


def waiting(store: Store) -> str | None:
    number: str | None = store.redis.hget(f"{keys.PREFIX}in_campaigns", "shop")
    return number
