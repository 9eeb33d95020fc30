"""Object files of a library: its kernels, its functions, and the table by which arguments name kernels."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from llvmlite import ir

from kerasish.backend import kernel_cache as cache
from kerasish.backend.numpy.library.drawing import Drawing
from kerasish.backend.numpy.native import kernels
from kerasish.backend.numpy.native.language.compile import compile_kernel
from kerasish.backend.numpy.native.language.numbers import LLVM, Value, convert
from kerasish.backend.numpy.native.language.words import Word
from kerasish.backend.numpy.native.source import Source, from_file
from kerasish.backend.numpy.native.target import Target
from kerasish.beside import read_modules

_WORD = ir.IntType(64)
_WALKS = ("run_together", "walk_alone", "serve")
_C_FUNCTIONS = ("sched_yield", "nanosleep", "sem_post", "sem_wait", "sem_init", "pthread_self")
_CALLED = {  # function of C: its arguments, and what it gives
    "calloc": ("int64 int64", "int64"),
    "free": ("int64", "int32"),
    "open": ("int64 int32 int32", "int32"),
    "close": ("int32", "int32"),
    "lseek": ("int32 int64 int32", "int64"),
    "mmap": ("int64 int64 int32 int32 int32 int64", "int64"),
    "munmap": ("int64 int64", "int32"),
    "pthread_create": ("int64 int64 int64 int64", "int32"),
    "pthread_join": ("int64 int64", "int32"),
}


class Objects:
    """Object files in a folder, for a target.

    Args:
        folder: string. target: Target. tell: function of a string, or None.
    """

    def __init__(self, folder: str, target: Target) -> None:
        self.folder: str = folder
        self.target: Target = target
        self.files: list[str] = []
        self._machine = target.code_generator()
        self._version = _version(target)
        self._symbols: dict[str, str] = {}

    def kernel(self, source: Any) -> str:
        """The symbol of a kernel, whose code is made where it was not before."""
        if isinstance(source, str):
            return source
        key = source.key
        if key not in self._symbols:
            symbol = self._symbols[key] = f"kerasish_{key}"
            code = cache.load(self._version, key)
            if code is None:
                code = compile_kernel(source, symbol, self._machine, hidden=True)
                cache.store(self._version, key, code)
            self._add(symbol, code)
        return self._symbols[key]

    def table(self, symbol: str, functions: Sequence[str]) -> None:
        """A table of the addresses of functions."""
        module = ir.Module(symbol)
        module.triple = self.target.triple
        kind = ir.FunctionType(ir.VoidType(), [])
        places = [ir.Function(module, kind, name) for name in dict.fromkeys(functions)]
        named = {place.name: place for place in places}
        entries = [named[name].bitcast(ir.IntType(8).as_pointer()) for name in functions]
        table = ir.GlobalVariable(module, ir.ArrayType(ir.IntType(8).as_pointer(), len(entries)), symbol)
        table.initializer, table.global_constant = ir.Constant(table.value_type, entries), True
        self._emit(symbol, str(module), [symbol])

    def functions(self, name: str, drawings: Sequence[Drawing], ends: Sequence[str], inside: bool) -> None:
        """The functions of the library `name`; `ends`: of the name of the function of each signature."""
        addresses = {walk: self.kernel(from_file("walk", walk)) for walk in _WALKS}
        words = {word: _address_of(symbol) for word, symbol in addresses.items()}
        words.update({function: _address_of(function) for function in _C_FUNCTIONS})
        words.update({f"c_{function}": _called(function, *kinds) for function, kinds in _CALLED.items()})
        words.update({part: _address_of(f"{name}_{part}_data", True) for part in ("image", "weights", "kernels")})
        words["member_of_team"] = _address_of(f"{name}_member")
        words["INSIDE"] = int(inside)
        text = kernels.text("library")

        def add(function, symbol, parameters, hidden=False, text=text):
            source = Source(text, function, "native/kernels/library.kernel", tuple(parameters), **words)
            self._add(symbol, compile_kernel(source, symbol, self._machine, hidden))

        add("member", f"{name}_member", ["int64"], hidden=True)
        if inside:
            add("create", f"{name}_create", ["int64", "int32"])
        else:
            add("create_with", f"{name}_create", ["int64", "int32", "int64"])
        add("destroy", f"{name}_free", ["int64"])
        add("call_by_shape", f"{name}_call", ["int64", "int64", "int64"])
        for number, (drawing, end) in enumerate(zip(drawings, ends)):
            count = len(drawing.inputs) + len(drawing.outputs)
            kinds = ["int64"] * (1 + 2 * count)
            add("of_signature", f"{name}_{end}", kinds, text=text + _of_signature(number, count))

    def _emit(self, symbol, text, hidden):
        from llvmlite import binding  # an optional package

        module = binding.parse_assembly(text)
        module.verify()
        for name in hidden:
            module.get_global_variable(name).visibility = "hidden"
        self._add(symbol, self._machine.emit_object(module))

    def _add(self, symbol, code):
        path = os.path.join(self.folder, f"{symbol}.o")
        with open(path, "wb") as file:
            file.write(code)
        self.files.append(path)


def _of_signature(number, count):
    """The function of one signature, in the language of kernels."""
    places = [f"x{i}, n{i}" for i in range(count)]
    lines = [f"    pair[{2 * i}], pair[{2 * i + 1}] = x{i}, n{i}" for i in range(count)]
    head = f"def of_signature({', '.join(['context', *places])}):"
    begin = [f"    given = stack({16 * count})", "    pair = pointer(given, int64)"]
    return "\n".join(["\n", head, *begin, *lines, f"    return run(context, given, {number})", ""])


def _address_of(symbol: str, is_data: bool = False) -> Word:
    """A word without arguments: the address of something that is linked in."""

    def emit(translator):
        module = translator.builder.module
        place = module.globals.get(symbol)
        if place is None and is_data:
            place = ir.GlobalVariable(module, _WORD, symbol)
        elif place is None:
            place = ir.Function(module, ir.FunctionType(ir.VoidType(), []), symbol)
        return Value("int64", translator.builder.ptrtoint(place, _WORD))

    return Word(symbol, emit)


def _called(function: str, arguments: str, result: str) -> Word:
    """A word that calls a function of C."""
    kinds = arguments.split()

    def emit(translator, *values: Any):
        module = translator.builder.module
        place = module.globals.get(function)
        if place is None:
            kind = ir.FunctionType(LLVM[result], [LLVM[name] for name in kinds])
            place = ir.Function(module, kind, function)
        given = [convert(translator.builder, value, kind).llvm for value, kind in zip(values, kinds)]
        found = Value(result, translator.builder.call(place, given))
        return convert(translator.builder, found, "int64")

    return Word(function, emit)


def _version(target):
    """A name that changes with whatever changes the code of a target."""
    from llvmlite import binding  # an optional package

    parts = [version("llvmlite"), str(binding.llvm_version_info), *map(str, target), kernels.text("polynomials")]
    whole = "\0".join(["library", *parts]).encode() + read_modules("kerasish.backend.numpy.native.language")
    return hashlib.sha256(whole).hexdigest()[:16]
