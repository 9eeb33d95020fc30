"""NVIDIA's compiler for CUDA C by its C interface, which needs neither driver nor card (`nvidia-cuda-nvrtc`)."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import re
from typing import NamedTuple

import pytest

from tests.cuda_on_cpu.compiler import folder


@functools.cache
def _library():
    pathfinder = pytest.importorskip("cuda.pathfinder", reason="needs nvidia-cuda-nvrtc and cuda-pathfinder")
    try:
        found = pathfinder.load_nvidia_dynamic_lib("nvrtc")
    except pathfinder.DynamicLibNotFoundError:
        pytest.skip("needs nvidia-cuda-nvrtc")
    return ctypes.CDLL(found.abs_path)


class Compiled(NamedTuple):
    """What NVRTC made of a program.

    Attributes:
        cubin: bytes, the machine code. registers: dict from a kernel to how many registers a thread has. spilled: the
            same, to how many bytes of a thread are in memory because no register was left, or on its stack.
    """

    cubin: bytes
    registers: dict[str, int]
    spilled: dict[str, int]


def compiled(code: str, architecture: str, options: tuple[str, ...] = ("--std=c++17",)) -> Compiled:
    """A program, compiled for a card such as "sm_90"."""
    nvrtc, program = _library(), ctypes.c_void_p()
    _look(nvrtc.nvrtcCreateProgram(ctypes.byref(program), code.encode(), b"program.cu", 0, None, None), nvrtc)
    try:
        options = (f"--gpu-architecture={architecture}", "--ptxas-options=-v", *options)
        given = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
        failed = nvrtc.nvrtcCompileProgram(program, len(options), given)
        if failed:
            raise RuntimeError(f"NVRTC refuses the program for {architecture}:\n{_text(nvrtc, program)}")
        size = ctypes.c_size_t()
        _look(nvrtc.nvrtcGetCUBINSize(program, ctypes.byref(size)), nvrtc)
        made = ctypes.create_string_buffer(size.value)
        _look(nvrtc.nvrtcGetCUBIN(program, made), nvrtc)
        return Compiled(made.raw, *_resources(_text(nvrtc, program)))
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _resources(log):
    registers, spilled, name = {}, {}, None
    for line in log.splitlines():
        if found := re.search(r"Compiling entry function '(\w+)'", line):
            name = found[1]
        elif found := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores", line):
            spilled[name] = int(found[1]) + int(found[2])
        elif found := re.search(r"Used (\d+) registers", line):
            registers[name] = int(found[1])
    return registers, spilled


def look_at(code: str, architecture: str, options: tuple[str, ...] = ()) -> None:
    """Compile a program for a card, unless that was seen to work before."""
    seen = folder() / f"{hashlib.sha256(repr((code, options)).encode()).hexdigest()[:32]}.{architecture}"
    if not seen.exists():
        compiled(code, architecture, options or ("--std=c++17",))
        seen.touch()


def _text(nvrtc, program):
    size = ctypes.c_size_t()
    _look(nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size)), nvrtc)
    log = ctypes.create_string_buffer(size.value)
    _look(nvrtc.nvrtcGetProgramLog(program, log), nvrtc)
    return log.value.decode(errors="replace")


def _look(failed, nvrtc):
    if failed:
        nvrtc.nvrtcGetErrorString.restype = ctypes.c_char_p
        raise RuntimeError(nvrtc.nvrtcGetErrorString(failed).decode())
