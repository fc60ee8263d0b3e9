"""How a command ends that cannot go on: one sentence about why, and what it was about, on stderr."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError, ResponseError

from runtime import redis_url
from schemas.errors import RecordError, SettingsError
from schemas.operation.redis_state import refusal
from worker.admin.store import UnconfirmedError

#: As a shell says of what was interrupted, and of what wrote to nobody.
_INTERRUPTED: Final = 130
_UNREAD: Final = 141
#: Redis answered, and what it said is the reason.
_REFUSALS: Final = (ResponseError, AuthenticationError, BusyLoadingError)
#: Places in scripts, and behind the rest words of the command itself, a password among them.
_UNTOLD: Final = re.compile(r"^.*@user_script: ?\d+: -?|(, with args| modifier | script:).*$", re.DOTALL)


@contextmanager
def one_sentence(url: str) -> Iterator[None]:
    """Ends the process with exit code 1 and one sentence if what is done within cannot be done; `url` is of Redis."""
    try:
        yield
        sys.stdout.flush()
    except RedisError as error:
        sys.exit(f"Redis at {redis_url.without_password(url)} {_why(error)}.")
    except (RecordError, SettingsError) as error:
        sys.exit(f"{str(error).rstrip('.')}.")
    except UnconfirmedError:
        sys.exit("Redis's replicas did not confirm it, so that a failover may undo it: give the command again.")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try to write the rest
        sys.exit(_UNREAD)
    except OSError as error:
        file = error.filename2 or error.filename
        sys.exit(f"{f'{file} cannot be used' if file else 'What it tells cannot be written'}: {error.strerror}.")
    except UnicodeEncodeError:  # of bytes on the command line, which Redis is told as text
        sys.exit("An argument is no text in UTF-8.")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _why(error: RedisError) -> str:
    if not isinstance(error, _REFUSALS):
        told = refusal(str(error))
        return f"is not reached: {told}" if told else f"does not answer: {type(error).__name__}"
    return f"refuses: {_UNTOLD.sub('', str(error)).rstrip('.')}"
