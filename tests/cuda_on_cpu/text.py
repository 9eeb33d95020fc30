"""CUDA C read as text: which kernels there are, which of them wait, and the C++ that g++ is given."""

from __future__ import annotations

import re

# what makes threads wait for one another
_WAITS = re.compile(
    r"\b(?:__syncthreads\w*|__syncwarp|__shfl_\w+|__shfl_sync|__ballot_sync|__any_sync|__all_sync|__activemask)\b"
)
_KERNEL = re.compile(
    r"__global__\s+(?:void\s+)?(?:__launch_bounds__\s*\([^)]*\)\s*)?(?:void\s+)?(?P<name>\w+)\s*\(", re.ASCII
)
_FUNCTION = re.compile(r"\b(?!(?:if|for|while|switch)\b)(?P<name>\w+)\s*\(")
_MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(?P<name>\w+)(?P<body>(?:.*\\\n)*.*)$", re.MULTILINE)
_DYNAMIC = re.compile(
    r"\bextern\s+__shared__\s+(?:__align__\s*\(\s*\d+\s*\)\s*|alignas\s*\(\s*\d+\s*\)\s*)?"
    r"(?P<type>[\w\s]+?)\s+(?P<name>\w+)\s*\[\s*\]\s*;"
)


def without_comments(code: str) -> str:
    """`code` with comments blanked out; lines keep their numbers."""

    def blank(found):
        return re.sub(r"[^\n]", " ", found.group())

    return re.sub(r"//[^\n]*|/\*.*?\*/", blank, code, flags=re.DOTALL)


class Kernel:
    """One `__global__` function: its name, where its text lies, and whether its threads wait for one another."""

    def __init__(self, name: str, start: int, stop: int, waits: bool) -> None:
        self.name, self.start, self.stop, self.waits = name, start, stop, waits


def kernels(code: str) -> list[Kernel]:
    """The kernels of a program without comments."""
    waiting = _waiting_words(code)
    found = []
    for match in _KERNEL.finditer(code):
        stop = _end_of_body(code, match.end())
        if stop is not None:
            words = set(re.findall(r"\w+", code[match.end() : stop]))
            found.append(Kernel(match["name"], match.start(), stop, bool(words & waiting)))
    return found


def as_cpp(code: str) -> tuple[str, list[Kernel]]:
    """The program as C++, and its kernels."""
    code = without_comments(code)
    found = kernels(code)
    pieces, at = [], 0
    for kernel in found:
        pieces += [_shared(code[at : kernel.start], "shared"), _shared(code[kernel.start : kernel.stop], kernel.name)]
        at = kernel.stop
    pieces.append(_shared(code[at:], "shared"))
    text = "".join(pieces)
    lines = ['#include "cuda_on_cpu.h"', "#line 1"]
    tail = []
    for kernel in found:
        section = f"shared_{kernel.name}"
        if f'section("{section}")' in text:
            tail.append(f'extern "C" unsigned char __start_{section}[], __stop_{section}[];')
            memory = f"__start_{section}, (size_t)(__stop_{section} - __start_{section})"
        else:
            memory = "nullptr, 0"
        tail.append(f"CUDA_ON_CPU_KERNEL({kernel.name}, {str(kernel.waits).lower()}, {memory})")
    return "\n".join([*lines, text, *tail, ""]), found


def _shared(code, name):
    """`__shared__` as memory that all threads have in common, in a section of the kernel's own."""
    code = _DYNAMIC.sub(r"\g<type>* \g<name> = (\g<type>*)cuda_on_cpu::dynamic_shared;", code)
    return re.sub(r"\b__shared__\b", f'static __attribute__((section("shared_{name}")))', code)


def _waiting_words(code):
    """Names of functions and macros whose text, or that of what they call, makes threads wait."""
    bodies = {m["name"]: m["body"] for m in _MACRO.finditer(code)}
    for match in _FUNCTION.finditer(code):
        stop = _end_of_body(code, match.end())
        if stop is not None:
            bodies[match["name"]] = bodies.get(match["name"], "") + code[match.end() : stop]
    words = {name: set(re.findall(r"\w+", body)) for name, body in bodies.items()}
    waiting = set(_WAITS.findall(code))
    while True:
        more = {name for name, said in words.items() if said & waiting} - waiting
        if not more:
            return waiting
        waiting |= more


def _end_of_body(code, at):
    """Behind the brace that closes the body of the function whose parameters begin at `at`; None of a mere call."""
    depth = 1
    while at < len(code) and depth:
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        at += 1
    rest = re.match(r"\s*\{", code[at:])
    if not rest:
        return None
    at += rest.end()
    depth = 1
    while at < len(code) and depth:
        depth += {"{": 1, "}": -1}.get(code[at], 0)
        at += 1
    return at
