"""Where the local stack keeps what must not be lost: below .data, a folder for each account, private to its user."""

import fcntl
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from docker.local.environment import StartError

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".data"
SIMULATED = "simulated"
_ACCOUNT_SID = re.compile(r"AC[0-9A-Za-z]{8,40}")
_PRIVATE = 0o700


@dataclass(frozen=True)
class Data:
    """One account's folder: calls in play never meet those that ring at people's."""

    folder: Path

    @classmethod
    def of(cls, account_sid: str, root: Path = FOLDER) -> "Data":
        """The folder of a real account, or without one of the simulated; raises StartError if it is no account."""
        if account_sid and not _ACCOUNT_SID.fullmatch(account_sid):
            raise StartError(
                "TWILIO_ACCOUNT_SID is no SID of an account, which is AC and letters and digits (is it the token?)."
            )
        folder = root / (account_sid or SIMULATED)
        for path in (root, folder):
            path.mkdir(exist_ok=True)
            path.chmod(_PRIVATE)
        return cls(folder)

    @property
    def redis(self) -> Path:
        return self.folder / "redis"

    @property
    def simulator(self) -> Path:
        return self.folder / "simulator"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def password_file(self) -> Path:
        return self.folder / "redis-password"

    def password(self) -> str:
        """Of this folder's Redis; made when first asked for."""
        with suppress(FileNotFoundError):
            self.password_file.chmod(0o600)
            if kept := self.password_file.read_text().strip():
                return kept
        unfinished = self.folder / "redis-password.part"
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{secrets.token_hex(24)}\n")
        unfinished.rename(self.password_file)  # on a full disk it is not there, rather than empty
        return self.password_file.read_text().strip()


def lock(root: Path = FOLDER) -> int:
    """
    The one lock of the folder, held as long as the descriptor is open; raises StartError when another holds it.

    Redis holds it too, so that no second one ever writes the same files.
    """
    root.mkdir(exist_ok=True)
    descriptor = os.open(root / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise StartError(f"The data in {root} is in use: the stack already runs in this folder.") from error
    return descriptor
