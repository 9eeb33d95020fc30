"""Object files -> a shared library, by the system's linker."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Sequence

from kerasish.backend.numpy.native.target import Target

_COMPILERS = ("cc", "gcc", "clang")
_LINKERS = ("ld", "ld.lld", "ld.gold")
_OPTIONS = ("-shared", "-z", "noexecstack", "-z", "relro", "--gc-sections", "--build-id=none", "-s")


def linker(target: Target) -> list[str] | None:
    """The beginning of the command that links for a target, options included; None where there is no such program."""
    here = platform.machine().lower()
    native = target.machine == {"amd64": "x86_64", "arm64": "aarch64"}.get(here, here)
    cross = f"{target.machine}-linux-gnu-"
    compilers = _COMPILERS if native else tuple(cross + name for name in ("gcc", "clang"))
    linkers = _LINKERS if native else (cross + "ld", "ld.lld")
    for name in compilers:
        if shutil.which(name):
            return [name, *_through_compiler(_OPTIONS)]
    for name in linkers:
        if shutil.which(name):
            return [name, *_OPTIONS]
    return None


def _through_compiler(options):
    """Options of the linker as a compiler's driver hands them on."""
    return [option if option in ("-shared", "-s") else f"-Wl,{option}" for option in options]


def command(begin: Sequence[str], files: Sequence[str], path: str, blas: Sequence[str] = ()) -> list[str]:
    """The whole command."""
    return [*begin, "-o", path, *files, *blas, "-lm", "-lpthread", "-lc"]


def link(words: Sequence[str]) -> None:
    """Run it.

    Raises:
        RuntimeError: with what the linker says, where it can't.
    """
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise RuntimeError(f"The linker {words[0]!r} could not make the library: {said}")
