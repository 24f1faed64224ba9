"""SIGINT and SIGTERM: a command stops with one sentence and exit code 1 within five seconds."""

import os
import signal
import sys
from threading import Timer, current_thread, main_thread
from types import FrameType
from typing import NoReturn

GRACE = 4.0
"""Seconds for what a stopped command has open; what then still runs dies with the process."""


class Stopped(BaseException):
    """A signal asked the command to stop."""

    def __init__(self, number: int) -> None:
        """Keep the signal, by its number."""
        super().__init__(number)
        self.signal = signal.Signals(number)

    def __str__(self) -> str:
        """Return the sentence for the user."""
        return f"Stopped by {self.signal.name}; the previous publication is unchanged."


def stop_on_signals() -> None:
    """Let the first SIGINT or SIGTERM raise `Stopped`, and ignore those that follow it.

    Code that does not return to Python in time, such as one long read, ends with the process:
    what it has written is then as whole as after a power cut.
    """
    if current_thread() is main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _stop)


def _stop(number: int, _: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    stopped = Stopped(number)
    timer = Timer(GRACE, leave, [stopped])
    timer.daemon = True
    timer.start()
    raise stopped


def leave(stopped: Stopped) -> NoReturn:
    """End the process, whatever its threads are busy with."""
    sys.stderr.write(f"{stopped}\n")
    sys.stderr.flush()
    os._exit(1)
