"""Who steered with the commands of `worker.admin`: a line on stderr for each act, of the form of every log."""

import os
import sys

import structlog

from runtime.masking import mask_numbers


def note(action: str, outcome: object, **about: str) -> None:
    """Tells what came of an act, and which user of the machine did it; without a number, as every log."""
    log = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()],
    )
    log.info(
        "audit",
        action=action,
        by=f"uid {os.getuid()}",
        outcome=outcome,
        level="info",
        logger="worker.admin.audit",
        **{name: mask_numbers(text) for name, text in about.items()},
    )
