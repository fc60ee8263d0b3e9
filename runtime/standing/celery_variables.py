"""
What Celery takes from the environment by itself, as it stands there and before whatever it is configured with: a URL
without the check of certificates that was read into it, or another program's.
"""

import os
from typing import Final

from runtime.environment import Environment

RESULTS: Final = "CELERY_RESULT_BACKEND"
BROKER: Final = "CELERY_BROKER_URL"
#: Settings that are nobody's here: a configuration in place of ours, and Redis servers beside the one that is named.
_OTHERS: Final = ("CELERY_CONFIG_MODULE", "CELERY_LOADER", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL")
#: Celery's command puts the value of the one in place of the other's, and the web tier, which is no command, does not.
COMMANDS_OWN: Final = {"BROKER_URL": BROKER, "RESULT_BACKEND": RESULTS}


def refuse_commands_own(environment: Environment) -> None:
    """Adds a fault for each: parts would be at different Redis servers."""
    for name, meant in COMMANDS_OWN.items():
        if environment.text(name):
            environment.refuse(
                f"{name} must not be set, for Celery's command takes it for {meant}: take it away, or call it so"
            )


def leave_out_others() -> None:
    """To be called before an application is made, which looks for some of them at once."""
    for name in _OTHERS:
        os.environ.pop(name, None)


def settle(broker_url: str, result_backend: str) -> None:
    """Lets Celery find in this process's environment what was read from it."""
    for name, value in ((BROKER, broker_url), (RESULTS, result_backend)):
        if name in os.environ:
            os.environ[name] = value
