"""URLs of sentinels, and the settings beside them."""

import pytest

from runtime.environment import Environment
from runtime.sentinel import Sentinel, behind_sentinel, sentinel_hosts, server_options
from schemas.errors import SettingsError

WRITTEN = "sentinel://:se%40cret@one:1;sentinel://two;sentinel://three:3/2"
URL = "sentinel://:se%40cret@one:1/2;sentinel://:se%40cret@two/2;sentinel://:se%40cret@three:3/2"
ONE = "redis://one:6379/0"


def test_each_part_is_a_sentinel_and_the_first_holds_what_the_servers_ask_for() -> None:
    assert sentinel_hosts(URL) == [("one", 1), ("two", 26379), ("three", 3)]
    assert server_options(URL) == {"db": 2, "password": "se@cret"}
    assert server_options("sentinel://user:word@one:1/3") == {"db": 3, "username": "user", "password": "word"}


@pytest.mark.parametrize("url", [URL, "sentinel://one:1", "sentinel://one:1/0;sentinel://two:2/0"])
def test_a_url_of_sentinels_is_taken(url: str) -> None:
    environment = Environment({"REDIS_URL": url, "REDIS_SENTINEL_MASTER": "calls", "REDIS_SENTINEL_PASSWORD": "x"})
    assert environment.redis_url("REDIS_URL", "") == url
    sentinel = Sentinel.read(environment, ONE, url)
    environment.check()
    assert behind_sentinel(url)
    assert sentinel == Sentinel("calls", "x", replicas=1)
    assert sentinel.options["password"] == "x"
    assert sentinel.broker_options == {"master_name": "calls", "sentinel_kwargs": sentinel.options}


@pytest.mark.parametrize(
    "written",
    [
        WRITTEN,
        "sentinel://one:1/2; sentinel://two ;sentinel://:se%40cret@three:3",
        "sentinel://:se%40cret@one:1/;sentinel://two/2;sentinel://:se%40cret@three:3/2",
    ],
)
def test_the_database_and_the_password_of_any_sentinels_url_are_those_of_all(written: str) -> None:
    """Of the first alone they are taken: with the database behind the last, calls were in database 0 without a word."""
    environment = Environment({"REDIS_URL": written})
    assert environment.redis_url("REDIS_URL", "") == URL
    environment.check()


@pytest.mark.parametrize("url", ["sentinel://a/1;sentinel://b/2", "sentinel://:x@a;sentinel://:y@b"])
def test_sentinels_of_several_databases_or_passwords_are_refused(url: str) -> None:
    environment = Environment({"REDIS_URL": url})
    environment.redis_url("REDIS_URL", "")
    with pytest.raises(SettingsError, match="REDIS_URL must be URLs of sentinels that name one database and one"):
        environment.check()


@pytest.mark.parametrize("options", ["ssl_ca_certs=/ca.pem", "ssl=true", "db=2", ""])
def test_options_of_sentinels_are_refused_for_nobody_heeds_them(options: str) -> None:
    """With a CA, beat and the web tier went to Redis in the clear, with its password."""
    environment = Environment({"REDIS_URL": f"sentinel://:x@a:1/0;sentinel://b:2/0?{options}"})
    environment.redis_url("REDIS_URL", "")
    with pytest.raises(SettingsError, match=r"REDIS_URL must be URLs of sentinels without \?.*TLS"):
        environment.check()


def test_without_sentinel_no_replica_is_waited_for() -> None:
    sentinel = Sentinel.read(Environment({}), ONE, ONE)
    assert (sentinel.replicas, sentinel.broker_options) == (0, {})


@pytest.mark.parametrize("url", ["redis://a:1;redis://b:2", "redis://a:1;sentinel://b:2", "sentinel://a:x", "http://a"])
def test_what_is_no_redis_is_refused_with_a_sentence(url: str) -> None:
    environment = Environment({"REDIS_URL": url})
    environment.redis_url("REDIS_URL", "")
    with pytest.raises(
        SettingsError, match=r"REDIS_URL must be a URL that begins with redis://.*sentinel://host:port;"
    ):
        environment.check()


def test_sentinels_without_the_name_of_their_group_are_refused() -> None:
    environment = Environment({})
    Sentinel.read(environment, URL, ONE)
    with pytest.raises(SettingsError, match="REDIS_SENTINEL_MASTER must be Sentinel's name"):
        environment.check()
