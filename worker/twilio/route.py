"""The way to Twilio: proxy and certificates of the environment, and connections that say when nothing was sent."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPException
from socket import socket
from ssl import SSLContext, SSLSocket, SSLWantReadError
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

from requests import Session
from requests.utils import DEFAULT_CA_BUNDLE_PATH, prepend_scheme_if_needed, select_proxy
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url
from urllib3.util.ssl_ import create_urllib3_context
from urllib3.util.ssltransport import SSLTransport

from runtime.environment import is_unfilled
from runtime.redis_url import IN_PASSWORDS
from schemas.errors import SettingsError
from worker.twilio.answers import Answer
from worker.twilio.errors import NotProcessed

_PROXY_SCHEMES: Final = ("http", "https")
_PROXY_HOST: Final = re.compile(r"[\w.:%[\]-]+", re.ASCII)
#: TLS on a connection, and within the TLS of a proxy.
_SECURED: Final = (SSLSocket, SSLTransport)


def connect(api_base_url: str) -> tuple[HTTPConnectionPool, str]:
    """
    Connections to Twilio, and what stands before the path of a request's target.

    Proxies and certificates are those of the environment, found out once: requests would look at each request again.
    Raises SettingsError if the proxy is of a kind that is not supported, NotProcessed if there are no certificates.
    """
    proxy, trusted = surroundings(api_base_url)
    secured = "https" in (urlsplit(api_base_url).scheme, urlsplit(proxy or "").scheme)
    with _nothing_sent():
        context = _trusting(trusted) if secured else None
    options: dict[str, Any] = {"maxsize": 1, "ssl_context": context}
    if proxy is None:
        return _telling(PoolManager(**options).connection_from_url(api_base_url)), ""
    account = parse_url(proxy).auth
    proxy_headers = make_headers(proxy_basic_auth=unquote(account) if account else None)
    manager = ProxyManager(proxy, proxy_headers=proxy_headers, proxy_ssl_context=context, **options)
    pool = manager.connection_from_url(api_base_url)
    base = urlsplit(api_base_url)
    return _telling(pool), f"{base.scheme}://{base.netloc}" if base.scheme == "http" else ""


def surroundings(api_base_url: str) -> tuple[str | None, str]:
    """
    The environment's proxy for this URL, if any, and its certificates.

    Raises SettingsError if the proxy is of a kind that is not supported, SOCKS, or no address, as one not filled in.
    """
    with Session() as session:
        found = session.merge_environment_settings(api_base_url, {}, None, None, None)
    trusted = DEFAULT_CA_BUNDLE_PATH if found["verify"] is True else str(found["verify"])
    proxy = select_proxy(api_base_url, found["proxies"])
    if proxy is None:
        return None, trusted
    with suppress(ValueError):  # whose text holds a part of the password
        whole = prepend_scheme_if_needed(proxy, "http")
        leads = urlsplit(whole).scheme in _PROXY_SCHEMES and _PROXY_HOST.fullmatch(parse_url(whole).host or "")
        if leads and not is_unfilled(proxy):
            return whole, trusted
    raise SettingsError(
        f"Wrong settings: the environment's proxy for {urlsplit(api_base_url).netloc} is neither http://host:port nor"
        f" https://host:port, the kinds that are supported ({IN_PASSWORDS}): name one in HTTPS_PROXY, or except the"
        " host in NO_PROXY."
    )


def require_standing(pool: HTTPConnectionPool) -> None:
    """
    Sees to it that the next request takes the pool's one connection as it stands, or none.

    Raises NotProcessed if it was closed meanwhile. If urllib3 finds that out after us, the request raises it.
    """
    connection = pool._get_conn()
    try:
        if not connection.is_connected:
            raise _lost()
        cast(_Connection, connection).may_open = False
    finally:
        pool._put_conn(connection)


def stand(pool: HTTPConnectionPool, connect_seconds: float, most_idle_seconds: float = 0) -> float | None:
    """
    Opens the pool's one connection unless it stands and was idle for less; seconds of a round trip, if that was learnt.

    Raises NotProcessed if it cannot be opened.
    """
    connection = pool._get_conn()
    its = cast(_Connection, connection)
    idle_since, its.idle_since = its.idle_since, time.monotonic()
    try:
        its.may_open = True
        if its.idle_since - idle_since >= most_idle_seconds:
            connection.close()
        if connection.is_connected:
            return None
        connection.timeout = connect_seconds
        if pool.proxy is not None and isinstance(pool, HTTPSConnectionPool):
            pool._prepare_proxy(cast(HTTPSConnection, connection))  # which connects
        else:
            connection.connect()
        return connection.round_trip_seconds() if isinstance(connection, _TlsConnection) else None
    except NotProcessed:
        connection.close()
        raise
    finally:
        pool._put_conn(connection)


@cache
def _trusting(trusted: str) -> SSLContext:
    """Made once: to read all certificates takes longer than a handshake, and would be taken for one."""
    context = create_urllib3_context()
    context.load_verify_locations(**{"capath" if os.path.isdir(trusted) else "cafile": trusted})
    return context


def _telling(pool: HTTPConnectionPool) -> HTTPConnectionPool:
    pool.ConnectionCls = _TlsConnection if isinstance(pool, HTTPSConnectionPool) else _PlainConnection
    return pool


class _PlainConnection(HTTPConnection):
    """Raises NotProcessed for every fault before it stands."""

    may_open = True
    idle_since = 0.0  #: when it last stood for a request
    response_class = Answer

    def connect(self) -> None:
        """Connects."""
        with _nothing_sent(self.may_open):
            super().connect()


class _TlsConnection(HTTPSConnection):
    """Raises NotProcessed for every fault before it stands: a proxy's CONNECT and the handshakes included."""

    may_open = True
    idle_since = 0.0  #: when it last stood for a request
    response_class = Answer
    _reached = 0.0  #: when the last step before the handshake was done

    def connect(self) -> None:
        """Connects, through a proxy if there is one."""
        with _nothing_sent(self.may_open):
            super().connect()

    @property
    def is_connected(self) -> bool:
        """Whether it is open: what can be read before any request may be no more than TLS 1.3's session tickets."""
        return super().is_connected or (isinstance(self.sock, _SECURED) and _holds_tickets_only(self.sock))

    def round_trip_seconds(self) -> float | None:
        """What the handshake that has just been done tells of the distance: it takes one round trip, before 1.3 two."""
        if not isinstance(self.sock, _SECURED):
            return None
        return (time.monotonic() - self._reached) / (1 if self.sock.version() == "TLSv1.3" else 2)

    def _new_conn(self) -> socket:
        sock = super()._new_conn()
        self._reached = time.monotonic()
        return sock

    def _tunnel(self) -> None:
        super()._tunnel()
        self._reached = time.monotonic()


def _holds_tickets_only(sock: SSLSocket | SSLTransport) -> bool:
    patience = sock.gettimeout()
    sock.settimeout(0)
    try:
        sock.recv(1)
    except SSLWantReadError:  # they were taken in
        return True
    except OSError:
        return False
    else:
        return False
    finally:
        sock.settimeout(patience)


_Connection = _PlainConnection | _TlsConnection


def _lost() -> NotProcessed:
    return NotProcessed("The connection to Twilio was lost before the call could leave", 0)


@contextmanager
def _nothing_sent(may_open: bool = True) -> Iterator[None]:
    if not may_open:  # it would stand after the slot
        raise _lost()
    try:
        yield
    except (OSError, HTTPException, HTTPError) as error:
        # A proxy's refusal of CONNECT is a bare OSError; the texts of all others say no more than their names.
        told = " ".join(str(error).split())[:200] if type(error) is OSError else type(error).__name__
        raise NotProcessed(f"Twilio could not be reached ({told})") from None
