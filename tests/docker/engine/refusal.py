"""What this engine does not do."""


class Refusal(Exception):
    """Why a command is not carried out; a test in which one came has failed, whatever became of the command."""
