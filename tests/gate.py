"""A way to Redis on which one command can be stopped, or its answer, so that a process dies exactly then."""

import socket
import threading
from contextlib import suppress

_CHUNK = 1 << 16


class Gate:
    """Listens on loopback and passes everything on to a port, but for what `stop_at` names."""

    def __init__(self, port_behind: int) -> None:
        self._port_behind = port_behind
        self._word, self._passes = b"", False
        self.reached = threading.Event()  #: the command is here, or its answer
        self._goes_on = threading.Event()
        self._is_cut = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        threading.Thread(target=self._listen, name="gate", daemon=True).start()

    def stop_at(self, word: str, *, passes: bool) -> None:
        """Stops the next command that holds the word, or, if it `passes`, its answer."""
        self.reached.clear()
        self._goes_on.clear()
        self._is_cut = False
        self._word, self._passes = word.encode(), passes

    def cut(self) -> None:
        """What is stopped arrives nowhere, and its connection is lost."""
        self._is_cut = True
        self._goes_on.set()

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()
        self.cut()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                _Way(self, near, socket.create_connection(("127.0.0.1", self._port_behind)))

    def take(self, sent: bytes) -> bool:
        """Whether what was sent holds the word; it does so once."""
        found = bool(self._word) and self._word in sent
        if found:
            self._word = b""
        return found

    @property
    def passes(self) -> bool:
        """Whether the command itself goes on."""
        return self._passes

    def hold(self) -> bool:
        """Waits; whether it may go on then."""
        self.reached.set()
        self._goes_on.wait()
        return not self._is_cut


class _Way:
    """One connection, in both directions."""

    def __init__(self, gate: Gate, near: socket.socket, far: socket.socket) -> None:
        self._gate, self._near, self._far = gate, near, far
        self._answer_is_held = False
        for there in (self._there, self._back):
            threading.Thread(target=there, name="way", daemon=True).start()

    def _there(self) -> None:
        with suppress(OSError):
            while sent := self._near.recv(_CHUNK):
                if self._gate.take(sent):
                    self._answer_is_held = self._gate.passes
                    if not self._gate.passes and not self._gate.hold():
                        break
                self._far.sendall(sent)
        self._end()

    def _back(self) -> None:
        with suppress(OSError):
            while answered := self._far.recv(_CHUNK):
                if self._answer_is_held and not self._gate.hold():
                    break
                self._near.sendall(answered)
        self._end()

    def _end(self) -> None:
        for end in (self._near, self._far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
