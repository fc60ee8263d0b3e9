"""Who steered what: one line for each act, whatever LOG_LEVEL leaves out."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from aiohttp import web

from app.context import CLIENT
from app.errors import LedgerAway

_LOG: Final[structlog.typing.FilteringBoundLogger] = structlog.wrap_logger(
    None,
    wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    logger_factory_args=("app.audit",),
)

Outcome = TypeVar("Outcome")


async def audited(
    request: web.Request,
    action: str,
    deed: Awaitable[Outcome],
    told: Callable[[Outcome], object] = lambda outcome: outcome,
    **about: str,
) -> Outcome:
    """
    Waits for the deed and tells what came of it, as `told` says, and by whose key (null: nobody is asked for one).

    Raises what the deed raises. Of one whose answer Redis owes, it is told that nobody knows.
    """
    try:
        outcome = await deed
    except LedgerAway:
        _tell(request, action, about, "unknown")
        raise
    _tell(request, action, about, told(outcome))
    return outcome


def _tell(request: web.Request, action: str, about: dict[str, str], outcome: object) -> None:
    _LOG.info("audit", action=action, by=request.get(CLIENT), outcome=outcome, **about)
