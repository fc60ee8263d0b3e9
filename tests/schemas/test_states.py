"""The table of a call's states."""

import pytest

from schemas.states import TRANSITIONS, CallState

FINAL = {CallState.ENDED, CallState.CANCELLED}
CORRECTED = {CallState.REJECTED, CallState.UNKNOWN}


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


@pytest.mark.parametrize("state", sorted(CORRECTED))
def test_a_call_that_was_given_up_changes_only_when_twilio_turns_out_to_have_it(state: CallState) -> None:
    assert TRANSITIONS[state] == {CallState.PLACED, CallState.ENDED}


@pytest.mark.parametrize("state", sorted(set(CallState)))
def test_every_state_leads_to_an_end(state: CallState) -> None:
    assert reachable(state) & (FINAL | CORRECTED)


@pytest.mark.parametrize("state", [CallState.PLACED, *sorted(CORRECTED | FINAL)])
def test_a_call_that_twilio_has_or_had_is_never_dialled_again(state: CallState) -> None:
    assert not reachable(state) & {CallState.WAITING, CallState.DISPATCHED, CallState.DIALLING}


@pytest.mark.parametrize("state", [CallState.PLACED, CallState.UNKNOWN])
def test_a_call_that_twilio_has_or_may_have_is_never_called_cancelled_or_refused(state: CallState) -> None:
    assert not TRANSITIONS[state] & {CallState.CANCELLED, CallState.REJECTED}


def test_only_a_dispatched_call_is_dialled() -> None:
    assert {state for state in CallState if CallState.DIALLING in TRANSITIONS[state]} == {CallState.DISPATCHED}
