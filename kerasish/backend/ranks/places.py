"""Where a process runs, as far as other processes can reach it there."""

from __future__ import annotations

import os
import platform


def place() -> str:
    """What two processes have alike that see each other's numbers."""
    try:
        return f"{platform.node()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return platform.node()
