"""Redis behind Sentinel: sentinel://host:port;sentinel://host:port/0, as kombu writes it."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from runtime.environment import Environment

SCHEME: Final = "sentinel"
SEPARATOR: Final = ";"
_DEFAULT_PORT: Final = 26379
#: Who is away costs this before the next is asked: of five, two may, and the web tier still connects in time.
_ANSWER_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Sentinel:
    """How Sentinel is asked which server is the primary, and how many replicas must have what may not be lost."""

    master: str  #: what Sentinel calls the group of servers; '' without Sentinel
    password: str  #: of the sentinels themselves
    replicas: int  #: that confirm an accepted call, and the mark that a call is dialled; 0: nobody is asked

    @classmethod
    def read(cls, environment: Environment, *urls: str) -> "Sentinel":
        """Reads REDIS_SENTINEL_MASTER, REDIS_SENTINEL_PASSWORD and REDIS_REPLICAS; the last URL is the records'."""
        master = environment.text("REDIS_SENTINEL_MASTER")
        if not master and any(behind_sentinel(url) for url in urls):
            environment.refuse("REDIS_SENTINEL_MASTER must be Sentinel's name of the servers behind a sentinel:// URL")
        return cls(
            master=master,
            password=environment.text("REDIS_SENTINEL_PASSWORD"),
            replicas=environment.whole("REDIS_REPLICAS", int(behind_sentinel(urls[-1])), least=0, most=10),
        )

    @property
    def options(self) -> dict[str, Any]:
        """
        Connection options of the sentinels themselves: each is asked once, for redis-py would ask one that is away ten
        times more before it turns to the next.
        """
        waits = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), _ANSWER_SECONDS)
        return {"protocol": 2, "retry": None, **waits, **({"password": self.password} if self.password else {})}

    @property
    def broker_options(self) -> dict[str, Any]:
        """What kombu's and Celery's transport options need; nothing without Sentinel."""
        return {"master_name": self.master, "sentinel_kwargs": self.options} if self.master else {}


def behind_sentinel(url: str) -> bool:
    """Whether the URL is of sentinels."""
    return url.startswith(f"{SCHEME}://")


def sentinel_hosts(url: str) -> list[tuple[str, int]]:
    """Host and port of each sentinel."""
    parts = [urlsplit(part) for part in url.split(SEPARATOR)]
    return [(part.hostname or "localhost", part.port or _DEFAULT_PORT) for part in parts]


def server_options(url: str) -> dict[str, Any]:
    """Connection options of the servers behind the sentinels: database, user and password of the first URL."""
    first = urlsplit(url.split(SEPARATOR, maxsplit=1)[0])
    options: dict[str, Any] = {"db": int(first.path.strip("/") or 0)}
    if first.username:
        options["username"] = unquote(first.username)
    if first.password:
        options["password"] = unquote(first.password)
    return options
