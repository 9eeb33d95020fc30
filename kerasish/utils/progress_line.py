"""One line that says how far a loop is, fitted to the width of a screen."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from kerasish.utils.console import format_value

BAR_WIDTH = 20
_LEAST_BAR = 3


def progress_line(
    count: str,
    done: float | None,
    clock: str,
    step: str,
    values: Mapping[str, Any],
    columns: int,
    width: int = BAR_WIDTH,
    is_last: bool = False,
) -> str:
    """A line such as "12/100 ━━━───────── 3s 32ms/step - accuracy: 0.5000 - loss: 1.2000".

    Where it would be wider than the screen the bar shrinks and goes, then the time a step and the clock, then the
    values from the right; of these the loss (or the first) stays longest.

    Args:
        count: steps done, as text.
        done: the share of the loop that is done, 0 to 1; None, where nobody knows, for no bar.
        clock: the time that is left or went by, as text.
        step: the time a step, as text, or "".
        values: what the loop measures, by name.
        columns: int, width of the screen.
        width: int, of the bar in characters.
        is_last: whether nothing is drawn over this line. Then only the bar shrinks, and the line may be wider.
    """
    texts = [f"{name}: {format_value(value)}" for name, value in values.items()]
    needed = len(_joined(count, "", clock, step, texts)) + 1
    width = min(width, columns - needed)
    bar = "" if done is None or width < _LEAST_BAR else _bar(done, width)
    if not is_last:
        loss = next((text for text in texts if text.startswith("loss: ")), texts[0] if texts else None)
        if len(_joined(count, bar, clock, step, texts)) > columns:
            step = ""
        if len(_joined(count, bar, clock, step, texts)) > columns:
            clock = ""
        while len(_joined(count, bar, clock, step, texts)) > columns and len(texts) > 1:
            texts.remove([text for text in texts if text is not loss][-1])
    line = _joined(count, bar, clock, step, texts)
    return line if is_last else line[:columns]


def _joined(count, bar, clock, step, texts):
    return " - ".join([" ".join(part for part in (count, bar, clock, step) if part), *texts])


def _bar(done, width):
    full, empty = "━─" if _prints("━─") else "=."
    filled = int(width * min(done, 1.0))
    return full * filled + empty * (width - filled)


def _prints(text):
    """Whether standard output has these characters; an old console or a file of ASCII does not."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
