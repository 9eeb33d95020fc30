"""Words on standard output, and whether somebody watches it."""

import os
import sys


def say(text):
    """Print a line; a progress bar that is open steps aside for it."""
    tqdm = sys.modules.get("tqdm.std")
    if sys.stdout is None:
        return
    if tqdm is None:
        print(text)
    else:
        tqdm.tqdm.write(text)
    sys.stdout.flush()


def in_notebook():
    """Whether this process is the kernel of a notebook (Jupyter's, or Pyodide's in a browser). tqdm asks the same."""
    return "ipykernel.zmqshell" in sys.modules or "IPython.utils._process_emscripten" in sys.modules


def is_watched():
    """Whether a bar can be redrawn on standard output: a terminal or a notebook, no file, pipe or dumb terminal."""
    isatty = getattr(sys.stdout, "isatty", None)
    return in_notebook() or (isatty is not None and isatty() and os.environ.get("TERM") != "dumb")
