"""g++, and a folder in which a library stays that was compiled once."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_INCLUDE = Path(__file__).parent / "include"
_FLAGS = ("-std=c++17", "-O1", "-fPIC", "-w", "-fno-strict-aliasing", "-ffp-contract=off", "-fwrapv", "-g0")
_CHECKED = (
    "-DCUDA_ON_CPU_CHECKED=1",
    "-fsanitize=kernel-address",
    "--param=asan-instrumentation-with-call-threshold=0",
    "--param=asan-stack=0",
    "--param=asan-globals=0",
    "-fsanitize=alignment",
)


class CompileError(RuntimeError):
    """The program is no CUDA C, or uses of it what the executor does not have."""


def available() -> bool:
    """Whether there is a g++."""
    return shutil.which("g++") is not None


def library(text: str, options: tuple[str, ...], checked: bool) -> Path:
    """The shared library of a program in C++."""
    flags = (*_FLAGS, *options, *(_CHECKED if checked else ()))
    key = hashlib.sha256("\0".join((text, _headers(), *flags)).encode()).hexdigest()[:32]
    target = folder() / f"{key}.so"
    if not target.exists():
        _compile(text, flags, target)
    return target


def folder() -> Path:
    """Where libraries stay: `cuda-on-cpu` in `KERASISH_CACHE_DIR`, or in the user's cache folder."""
    chosen = os.environ.get("KERASISH_CACHE_DIR")
    base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kerasish"
    path = base / "cuda-on-cpu"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


@functools.cache
def _headers() -> str:
    return "".join(path.read_text() for path in sorted(_INCLUDE.glob("*.h")))


def _compile(text, flags, target):
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        source, made, library = (Path(scratch, name) for name in ("program.cpp", "program.o", "program.so"))
        source.write_text(text)
        _run("g++", *flags, f"-I{_INCLUDE}", "-c", str(source), "-o", str(made))
        _run("g++", "-shared", str(made), "-o", str(library))
        os.replace(library, target)


def _run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CompileError(f"g++ refuses the program:\n{done.stderr[:4000]}")
