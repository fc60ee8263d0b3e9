"""
What Celery takes from the environment by itself, as it stands there and before whatever it is configured with: a URL
without the check of certificates that was read into it, or another program's.
"""

import os
from typing import Final

from runtime.environment import Environment

RESULTS: Final = "CELERY_RESULT_BACKEND"
_BROKERS: Final = ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL")
#: Celery's command puts the value of the one in place of the other's, and the web tier, which is no command, does not.
COMMANDS_OWN: Final = {"BROKER_URL": "CELERY_BROKER_URL", "RESULT_BACKEND": RESULTS}


def refuse_commands_own(environment: Environment) -> None:
    """Adds a fault for each: parts would be at different Redis servers."""
    for name, meant in COMMANDS_OWN.items():
        if environment.text(name):
            environment.refuse(
                f"{name} must not be set, for Celery's command takes it for {meant}: take it away, or call it so"
            )


def settle(broker_url: str, result_backend: str) -> None:
    """Lets Celery find in this process's environment what was read from it."""
    for name, value in (*((name, broker_url) for name in _BROKERS), (RESULTS, result_backend)):
        if name in os.environ:
            os.environ[name] = value
