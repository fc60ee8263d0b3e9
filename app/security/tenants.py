"""Whose tasks a client sees and changes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tenants:
    """The operator's division of the names of API keys."""

    isolated: bool  #: a name sees and changes only its own tasks
    admins: frozenset[str]  #: who see and steer every name's, and what was made without a name
    readers: frozenset[str]  #: who see every name's and change nothing

    def sees(self, name: str | None, owner: str) -> bool:
        """Whether the tasks of this owner ('' for none) are shown to the name; None: nobody is asked for a key."""
        return not self.isolated or name is None or name == owner or self.sees_all(name)

    def sees_all(self, name: str | None) -> bool:
        """Whether every name's tasks are shown to this one."""
        return not self.isolated or name is None or name in self.admins or name in self.readers

    def steers_all(self, name: str) -> bool:
        """Whether the name acts for everybody, divided or not."""
        return name in self.admins

    def sees_figures(self, name: str | None) -> bool:
        """Whether the name is told of what is everybody's, divided or not: the operator named it for that."""
        return name is None or name in self.admins or name in self.readers

    def only_reads(self, name: str) -> bool:
        """Whether the name may change nothing."""
        return name in self.readers
