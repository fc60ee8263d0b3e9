"""Celery's beat as a program."""

from celery.apps import beat

from worker.application import read_settings


class Beat(beat.Beat):
    """Prints no banner when the log is JSON."""

    def run(self) -> None:
        """Runs until SIGTERM or SIGINT."""
        if read_settings().log_format == "json":
            self.quiet = True
        super().run()
