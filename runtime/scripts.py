"""Running scripts, for processes without an event loop."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import structlog
from redis import Redis
from redis.exceptions import NoScriptError, ResponseError

from schemas import keys
from schemas.lua.script import Answer, Script
from schemas.lua.source import digest, source
from schemas.operation.redis_state import refused_line

log = structlog.get_logger("runtime.scripts")

#: How long replicas are waited for. They take about as long as one way to them and back.
REPLICATE_MS: Final = 500


class ScriptRunner:
    """Runs scripts on one Redis. Methods raise redis.exceptions.RedisError when it is away."""

    def __init__(self, redis: "Redis") -> None:
        self.redis = redis

    def run(self, script: Script[Answer]) -> Answer:
        """What the script answers."""
        return script.read(self._evaluate(script))

    def run_replicated(self, script: Script[Answer], replicas: int) -> tuple[Answer, bool]:
        """What the script answers, and whether so many replicas have what it wrote."""
        if not replicas:
            return self.run(script), True
        pipeline = self.redis.pipeline(transaction=False)  # WAIT is about what its own connection wrote
        pipeline.evalsha(digest(script.name), 1, keys.PREFIX, *script.words)
        pipeline.wait(replicas, REPLICATE_MS)
        answer, having = pipeline.execute(raise_on_error=False)
        if isinstance(answer, NoScriptError):
            self.redis.script_load(source(script.name))
            return self.run_replicated(script, replicas)
        with self._told(script.name):
            for one in (answer, having):
                if isinstance(one, Exception):
                    raise one
        return script.read(answer), having >= replicas

    def _evaluate(self, script: Script[Answer]) -> Any:
        with self._told(script.name):
            try:
                return self.redis.evalsha(digest(script.name), 1, keys.PREFIX, *script.words)
            except NoScriptError:
                return self.redis.eval(source(script.name), 1, keys.PREFIX, *script.words)

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """What is refused is told; a server that is a replica now is left: its name may lead to the primary by now."""
        try:
            yield
        except ResponseError as error:
            line = refused_line(str(error), source(name))
            log.warning("redis_refused", script=name, reason=str(error), line=line)
            if "READONLY" in str(error):  # a script's error has it in its midst
                self.redis.connection_pool.disconnect(inuse_connections=False)
            raise
