"""A bar that tqdm draws: a widget in a notebook, a line that is drawn over on a terminal."""

from __future__ import annotations

import shutil
import sys

BAR_WIDTH = 20


class Bar:
    """A bar that shows "12/100 ████ 00:03 text".

    Args:
        total: number of steps, None where unknown.
    """

    def __init__(self, total: int | None) -> None:
        from tqdm.auto import tqdm  # start-up time: quiet scripts draw no bar

        self.total = total
        self._is_widget = any(base.__module__ == "tqdm.notebook" for base in tqdm.__mro__)
        columns, rows = shutil.get_terminal_size()
        # Given, because tqdm draws nothing on a terminal that calls itself 0 columns wide, as some in containers do.
        # One less, because a full line would wrap on some.
        self._columns = columns - 1
        size = {} if self._is_widget else {"ncols": self._columns, "nrows": rows}
        self._bar = tqdm(total=total, bar_format=self._template(BAR_WIDTH), file=sys.stdout, **size)

    def draw(self, seen: int, text: str) -> None:
        """Show that `seen` steps are done. On a narrow terminal the bar shrinks for the sake of the text."""
        room = self._columns - len(text) - 2 * len(str(self.total)) - len("/  00:00 ")
        self._set(seen, text, self._template(max(3, min(BAR_WIDTH, room))))
        self._bar.refresh()

    def close(self, seen: int, text: str) -> None:
        """Draw for the last time. The number of steps is known by now."""
        self.total = self._bar.total = self.total or seen
        if not self._is_widget:
            # This line may be longer than the terminal is wide: nothing is drawn over it.
            self._bar.ncols = None
        self._set(seen, text, self._template(BAR_WIDTH, clock=""))
        self._bar.close()

    def _set(self, seen, text, template):
        self._bar.n = seen
        self._bar.bar_format = template
        self._bar.set_description_str(text, refresh=False)

    def _template(self, width, clock="{remaining} "):
        """The template of tqdm. Its "desc" holds our text, so that this comes after the bar."""
        if not self.total:
            return "{n_fmt}/Unknown {elapsed} {desc}"
        # tqdm finds the place of a widget's bar by this very spelling.
        bar = "{bar}" if self._is_widget else f"{{bar:{width}}}"
        return f"{{n_fmt:>{len(str(self.total))}}}/{{total_fmt}} {bar} {clock}{{desc}}"
