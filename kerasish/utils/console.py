"""Words and numbers on standard output, and whether somebody watches it."""

from __future__ import annotations

import os
import sys
from typing import Any


def say(text: str) -> None:
    """Print a line; a progress bar that is open steps aside for it."""
    tqdm = sys.modules.get("tqdm.std")
    if sys.stdout is None:
        return
    if tqdm is None:
        print(text)
    else:
        tqdm.tqdm.write(text)
    sys.stdout.flush()


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook (Jupyter's, or Pyodide's in a browser)."""
    return "ipykernel.zmqshell" in sys.modules or "IPython.utils._process_emscripten" in sys.modules


def is_watched() -> bool:
    """Whether a bar can be redrawn on standard output: a terminal or a notebook, no file, pipe or dumb terminal."""
    isatty = getattr(sys.stdout, "isatty", None)
    return in_notebook() or (isatty is not None and isatty() and os.environ.get("TERM") != "dumb")


def format_seconds(seconds: int) -> str:
    """3.2 -> "3s", 0.0321 -> "32ms", 0.0000321 -> "32us"."""
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"


def format_clock(seconds: float) -> str:
    """3.2 -> "3s", 83 -> "1:23", 5025 -> "1:23:45"."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}" if whole > 60 else f"{seconds:.0f}s"


def format_value(value: Any) -> str:
    """0.5 -> "0.5000", 0.000125 -> "1.2500e-04"; of arrays the mean."""
    value = float(value.mean()) if hasattr(value, "mean") else value
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4f}" if abs(value) > 1e-3 else f"{value:.4e}"
