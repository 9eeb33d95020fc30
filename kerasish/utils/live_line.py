"""A line on standard output that is drawn over while something runs: on a terminal, or in a notebook."""

from __future__ import annotations

import shutil
import sys
from typing import Any

from kerasish.utils.console import in_notebook, is_watched, say


def live_line() -> TerminalLine | NotebookLine | None:
    """The line for where standard output goes, or None where nobody watches."""
    if in_notebook():
        return NotebookLine()
    return TerminalLine() if is_watched() else None


class TerminalLine:
    """A line that a carriage return draws over. tqdm writes it, so that bars of the user's own stay in their places."""

    def __init__(self) -> None:
        self._bar = None

    @property
    def columns(self) -> int:
        """How wide a line may be. One less than the terminal, because a full line would wrap on some."""
        # Some terminals in containers say that they are 0 columns wide; then this says 80.
        return shutil.get_terminal_size().columns - 1

    def draw(self, text: str) -> None:
        """Show `text` in place of what stood there."""
        self._opened().set_description_str(text)

    def close(self, moving: str, plain: str) -> None:
        """Leave the line that is `moving`, whole: nothing will be drawn over it. `plain` is for others."""
        bar, self._bar = self._opened(), None
        bar.ncols = None
        bar.set_description_str(moving, refresh=False)
        bar.close()

    def _opened(self):
        if self._bar is None:
            from tqdm import tqdm  # start-up time: quiet scripts draw no bar

            rows = shutil.get_terminal_size().lines  # given, because tqdm draws nothing where there are 0
            self._bar = tqdm(bar_format="{desc}", file=sys.stdout, ncols=self.columns, nrows=rows)
        return self._bar

    def clear(self) -> None:
        """Nothing: what was left stays."""


class NotebookLine:
    """An output that shows the moving line and is emptied in the end. What shall stay in the notebook is printed.

    A widget is not kept when a notebook is saved, and carriage returns are kept all.
    """

    columns = 100

    def __init__(self) -> None:
        self._output = None

    def draw(self, text: str) -> None:
        """Show `text` in place of what stood there."""
        if self._output is None:
            from IPython.display import display  # it comes with the notebook

            self._output = display(_plain(text), raw=True, display_id=True)
        else:
            self._output.update(_plain(text), raw=True)

    def close(self, moving: str, plain: str) -> None:
        """Print the line that is `plain`; it stays. `moving` is for others."""
        say(plain)

    def clear(self) -> None:
        """Empty the output."""
        if self._output is not None:
            self._output.update(_plain(""), raw=True)


def _plain(text) -> dict[str, Any]:
    return {"text/plain": text}
