"""
Errors of the contract.

SettingsError   the environment asks for something that cannot be
RecordError     Redis holds a record that is not of the expected shape
"""


class SettingsError(Exception):
    """Some settings are wrong or missing; the message names every one."""


class RecordError(Exception):
    """A record in Redis is not of the expected shape."""
