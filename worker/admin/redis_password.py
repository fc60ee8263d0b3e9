"""Redis's password, changed in two steps between which both the old and the new one open: parts restart one by one."""

from typing import Final

from redis import Redis
from redis.exceptions import ResponseError
from redis.sentinel import SentinelConnectionPool

from schemas.errors import RecordError

_LEAST_CHARACTERS: Final = 16
_REPLICAS: Final = (
    "Nothing changed: Redis has replicas, which would know but the old password, and lose the primary, so that nothing"
    " is accepted or dialled. Give the new one to each server (ACL SETUSER), then to masterauth and to the sentinels'"
    " auth-pass, and take the old one from each server at last"
)
_OWN_CONFIGURATION: Final = "Change it there too, or the old one is back when Redis restarts"


def add_password(redis: "Redis", password: str) -> None:
    """From now on it opens besides the others; raises RecordError if it may not be one."""
    _check(redis, password)
    if not redis.connection_pool.connection_kwargs.get("password"):
        raise RecordError(
            "Nothing changed: Redis asks for no password yet, and would lock out all parts. Stop them, set requirepass"
            " in Redis's configuration and the password in the URLs, and start all"
        )
    redis.acl_setuser(_user(redis), enabled=True, passwords=[f"+{password}"])


def leave_only(redis: "Redis", password: str) -> str:
    """From now on nothing but this one opens; returns what is left to do, '' if Redis keeps it over a restart."""
    _check(redis, password)
    if redis.connection_pool.connection_kwargs.get("password") != password:
        raise RecordError(
            "Nothing changed: this command itself still uses another password. Set the new one in"
            " CELERY_BROKER_URL (and REDIS_URL), restart all parts with it, and give the command again"
        )
    user = _user(redis)
    if user != "default":
        redis.acl_setuser(user, enabled=True, passwords=[f"+{password}"], reset_passwords=True)
        return _kept(redis, "ACL", "SAVE", told="the ACL file")
    redis.config_set("requirepass", password)  # which forgets the others, and is what CONFIG REWRITE writes
    if redis.config_get("aclfile").get("aclfile"):
        return _kept(redis, "ACL", "SAVE", told="the ACL file")
    return _kept(redis, "CONFIG", "REWRITE", told="Redis's configuration (requirepass)")


def _kept(redis: "Redis", *command: str, told: str) -> str:
    try:
        redis.execute_command(*command)  # type: ignore[no-untyped-call]
    except ResponseError as error:
        return f"Redis could not write {told} ({str(error).rstrip('.')}). {_OWN_CONFIGURATION}."
    return ""


def _user(redis: "Redis") -> str:
    return str(redis.connection_pool.connection_kwargs.get("username") or "default")


def _check(redis: "Redis", password: str) -> None:
    if isinstance(redis.connection_pool, SentinelConnectionPool) or redis.info("replication")["connected_slaves"]:
        raise RecordError(_REPLICAS)
    if len(password) < _LEAST_CHARACTERS or not password.isascii() or not password.isalnum():
        raise RecordError(
            f"Nothing changed: a password is of {_LEAST_CHARACTERS} or more letters and digits, as a URL takes it"
        )
