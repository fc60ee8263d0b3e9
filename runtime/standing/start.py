"""Why a process must not start: what would cost calls, or money."""

from schemas.errors import SettingsError
from schemas.operation.part import Joining
from schemas.operation.redis_state import RedisState


def check_store(state: RedisState | None, *, allow_unsafe: bool) -> None:
    """Raises SettingsError if Redis may lose calls and nobody said that this is wanted. Of None nothing is known."""
    if state is not None and state.unfit:
        raise SettingsError(f"{state.unfit}.")
    if state is not None and not allow_unsafe and state.unsafe:
        raise SettingsError(f"{state.unsafe}. ALLOW_UNSAFE_REDIS=1 starts all the same.")


def check_account(joining: Joining, account_sid: str) -> None:
    """Raises SettingsError if the calls in this Redis are another account's."""
    if not joining.joined:
        raise SettingsError(
            f"The calls in this Redis are of the Twilio account {joining.account_sid}, and TWILIO_ACCOUNT_SID is"
            f" {account_sid}, over which they would go out: use a Redis, or a database in it, of its own; or, if the"
            " account was moved, run `python -m worker.admin take-account` with these settings."
        )
