"""What ranks tell the `launch` that has started them, and ask it: whether another number of them is wanted."""

from __future__ import annotations

import os
from typing import Any

AGENT = "KERASISH_LAUNCHER"  # the environment variable with the address of who has started them
ELASTIC = "KERASISH_ELASTIC"  # the one that says that they may be started again in another number
LEFT = 75  # the exit code of ranks that leave so that others go on: "try again" (EX_TEMPFAIL)


class Regrouped(SystemExit):
    """This process ends for now: its training goes on in another number of processes."""

    def __init__(self) -> None:
        super().__init__(LEFT)


def is_elastic() -> bool:
    """Whether the ranks were started by `launch --elastic`."""
    return ELASTIC in os.environ


def is_to_leave(size: int) -> bool:
    """Whether the ranks, so many, are to leave behind this epoch. Asked by the first of them."""
    return _told("epoch", size) == "leave"


def leaves() -> None:
    """Tell who has started the ranks that all is kept, and they leave as agreed. Told by the first of them."""
    _told("left")


def begins() -> None:
    """Tell who has started the ranks that they have met. Told by the first of them, as all below."""
    _told("begun")


def done() -> None:
    """Tell who has started the ranks that the program is at its end: `mpiexec` ends with 0 where all died, too."""
    _told("done")


def _told(*question: Any) -> Any:
    if AGENT not in os.environ:
        return None
    from kerasish.backend.ranks.questions import ask  # start-up time: sockets, for those that need them

    for _ in range(3):  # a busy machine may lose one
        try:
            return ask(os.environ[AGENT], list(question), patience=60.0)
        except ConnectionRefusedError:  # whoever started the ranks has ended: they go on as they are
            return None
        except (OSError, ValueError):
            continue
    return None
