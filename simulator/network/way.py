"""The way between the clients of one port and Twilio's end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Way:
    """How long it is, where it leads, and what befalls those that set out on it.

    `fault_for` tells for a port which kind of fault, if any, befalls a connection that has just been made.
    `ports` is shared by all ways: a port at this end of a connection to `inner_port` -> the port its client uses.
    """

    round_trip_ms: float
    inner_port: int
    tls: bool
    fault_for: Callable[[int], str]
    ports: dict[int, int]
    port: int = 0

    @property
    def one_way_seconds(self) -> float:
        """What the way there takes, or the way back."""
        return self.round_trip_ms / 2000

    def described(self) -> dict[str, object]:
        """For whoever asks what there is."""
        return {"port": self.port, "round_trip_ms": self.round_trip_ms, "tls": self.tls}
