"""The table of a call's states."""

import pytest

from schemas.states import TRANSITIONS, CallState, may_become

FINAL = {CallState.ENDED, CallState.REJECTED, CallState.CANCELLED}


def reachable(start: CallState) -> set[CallState]:
    found = {start}
    border = [start]
    while border:
        new = TRANSITIONS[border.pop()] - found
        found |= new
        border.extend(new)
    return found


def test_the_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(CallState)


def test_every_state_is_reachable_from_waiting() -> None:
    assert reachable(CallState.WAITING) == set(CallState)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_final_state_has_no_way_out(state: CallState) -> None:
    assert TRANSITIONS[state] == frozenset()


def test_unknown_is_left_only_when_twilio_turns_out_to_have_the_call() -> None:
    assert TRANSITIONS[CallState.UNKNOWN] == {CallState.PLACED, CallState.ENDED}


@pytest.mark.parametrize("state", sorted(set(CallState)))
def test_every_state_leads_to_an_end(state: CallState) -> None:
    assert reachable(state) & (FINAL | {CallState.UNKNOWN})


@pytest.mark.parametrize("state", [CallState.CONFIRMING, CallState.PLACED, CallState.UNKNOWN, *sorted(FINAL)])
def test_a_call_that_twilio_may_have_is_never_dialled_again(state: CallState) -> None:
    assert not reachable(state) & {CallState.WAITING, CallState.DISPATCHED, CallState.DIALLING}


@pytest.mark.parametrize("state", [CallState.CONFIRMING, CallState.PLACED, CallState.UNKNOWN])
def test_a_call_that_twilio_may_have_is_never_called_cancelled_or_refused(state: CallState) -> None:
    assert not TRANSITIONS[state] & {CallState.CANCELLED, CallState.REJECTED}


@pytest.mark.parametrize("target", sorted(set(CallState)))
def test_may_become_is_the_table_read_backwards(target: CallState) -> None:
    assert may_become(target) == {state for state in CallState if target in TRANSITIONS[state]}


def test_only_a_dispatched_call_is_dialled() -> None:
    assert may_become(CallState.DIALLING) == {CallState.DISPATCHED}
