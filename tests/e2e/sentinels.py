"""Redis behind Sentinel: a primary, its replicas and three sentinels, all real."""

import signal
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.ports import reserve_port
from tests.processes import Process, RedisServer, wait_until

GROUP = "calls"
SENTINELS = 3
DOWN_AFTER_MS = 1000

_CONFIGURATION = """
port {port}
bind 127.0.0.1
dir {folder}
sentinel monitor {group} 127.0.0.1 {primary} 2
sentinel down-after-milliseconds {group} {down_after_ms}
sentinel failover-timeout {group} 3000
sentinel parallel-syncs {group} 2
"""


class Sentinels:
    """Watches a primary that runs already, and replicas of its own."""

    def __init__(self, folder: Path, replicas: int = 2) -> None:
        self.folder = folder
        self.ports = [reserve_port() for _ in range(SENTINELS)]
        self.replicas = [RedisServer(folder / f"replica-{number}") for number in range(replicas)]
        self.processes: list[Process] = []
        self.primary: RedisServer | None = None

    @property
    def url(self) -> str:
        return ";".join(f"sentinel://127.0.0.1:{port}/0" for port in self.ports)

    def watch(self, primary: RedisServer) -> None:
        """Starts replicas and sentinels, and waits until they know each other."""
        self.primary = primary
        with Redis(port=primary.port) as client:
            client.config_set("repl-diskless-sync-delay", 0)
        for replica in self.replicas:
            replica.folder.mkdir()
            replica.start()
            with Redis(port=replica.port) as client:
                client.replicaof("127.0.0.1", str(primary.port))
        wait_until(lambda: self._connected(primary) == len(self.replicas), what="the replicas are connected")
        for port in self.ports:
            self._start_sentinel(port, primary.port)
        wait_until(lambda: all(map(self._knows_all, self.ports)), what="the sentinels know everybody")

    def primary_port(self) -> int | None:
        """Where the sentinels say the primary is; None while they say nothing."""
        for port in self.ports:
            try:
                with Redis(port=port, decode_responses=True, protocol=2, socket_timeout=1) as client:
                    found = client.sentinel_get_master_addr_by_name(GROUP)
            except RedisError:
                continue
            if found:
                return int(found[1])
        return None

    def cut_off(self) -> None:
        """From now on nothing that the primary writes reaches a replica."""
        assert self.primary is not None
        for replica in self.replicas:
            _signal(replica, signal.SIGSTOP)
        with Redis(port=self.primary.port) as client:
            client.client_kill_filter(_type="replica")

    def kill_primary(self) -> None:
        """SIGKILL; the replicas that were cut off run again."""
        assert self.primary is not None
        _signal(self.primary, signal.SIGKILL)
        for replica in self.replicas:
            _signal(replica, signal.SIGCONT)

    def wait_for_failover(self) -> None:
        assert self.primary is not None
        old = self.primary.port
        wait_until(lambda: self.primary_port() not in {None, old}, what="another primary")

    def stop(self) -> None:
        for process in self.processes:
            process.stop()
        for replica in self.replicas:
            replica.stop()

    def _start_sentinel(self, port: int, primary_port: int) -> None:
        with Redis(port=primary_port) as client:
            server = client.info("server")["executable"]
        configuration = self.folder / f"sentinel-{port}.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                port=port,
                folder=self.folder,
                group=GROUP,
                primary=primary_port,
                down_after_ms=DOWN_AFTER_MS,
            )
        )
        command = [str(server), str(configuration), "--sentinel"]
        self.processes.append(Process(f"sentinel-{port}", command, self.folder, {}))

    def _knows_all(self, port: int) -> bool:
        try:
            with Redis(port=port, decode_responses=True, protocol=2, socket_timeout=1) as client:
                state = client.sentinel_masters()[GROUP]
        except (RedisError, KeyError):
            return False
        return bool(state["num-slaves"] == len(self.replicas) and state["num-other-sentinels"] == SENTINELS - 1)

    def _connected(self, primary: RedisServer) -> int:
        with Redis(port=primary.port, protocol=2) as client:
            info = client.info("replication")
        return sum(1 for name, one in info.items() if name.startswith("slave") and one["state"] == "online")


def _signal(server: RedisServer, number: signal.Signals) -> None:
    assert server.process is not None
    server.process.signal(number)
