"""Sees what Python does while a hostile file is loaded.

Processes, sockets, bytecode, foreign imports, files that are opened.
"""

import sys
from contextlib import contextmanager

_DANGEROUS = (
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "socket.",
    "urllib.",
    "http.",
    "ftplib.",
    "marshal.loads",
    "pickle.",
    "shutil.",
    "ctypes.",
    "webbrowser.",
    "os.startfile",
    "os.symlink",
    "os.link",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.chmod",
)
_current = None


def _hook(event, arguments):
    if _current is None:
        return
    if event.startswith(_DANGEROUS):
        if not sys._getframe(1).f_code.co_filename.startswith(
            "<frozen importlib"
        ):  # a module that is imported late is bytecode, too
            _current.append((event, repr(arguments)[:200]))
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        _current.append((event, arguments[0] if isinstance(arguments[0], str) else arguments[0].decode()))
    elif event == "import":
        _current.append((event, arguments[0]))


_installed = False


@contextmanager
def watching():
    """Give the list of (event, argument) that fills while the block runs.

    An audit hook can't be removed again, so it is put in once and sleeps between.
    """
    global _current, _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True
    _current = events = []
    try:
        yield events
    finally:
        _current = None


def dangerous(events, secrets=()):
    """Those of `events` that a file must not cause.

    `secrets` are strings that no opened path and no imported module may contain.
    """
    return [
        (event, what)
        for event, what in events
        if event not in ("open", "import") or any(secret in str(what) for secret in secrets)
    ]
