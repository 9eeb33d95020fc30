"""A kernel's source, and its address: from memory, from disk, or compiled now."""

from __future__ import annotations

import atexit
import hashlib
import platform
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from kerasish import forks
from kerasish.backend import kernel_cache as cache
from kerasish.backend.numpy import blueprint
from kerasish.backend.numpy.native import kernels
from kerasish.beside import read_modules
from kerasish.typing import PathLike

_lock = forks.whole_work_lock()  # imports and LLVM have locks of their own
_PATIENCE = 10.0  # seconds that the end of the process waits for a kernel that another thread compiles
atexit.register(_lock.acquire, timeout=_PATIENCE)  # LLVM is taken down behind it, and no thread may be inside
_addresses = {}


class Source:
    """The source of one kernel, `def name(args, lo, hi, worker)`: it does units lo..hi of its work.

    Args:
        text: a source in the language of kernels (`language/`).
        function: the kernel's name.
        filename: where the text stands, for messages.
        parameters: tuple of dtypes where the function takes others than those four: a C function (addresses are int64).
        names: dict from a name that the text uses to a dtype (string) or number.
    """

    def __init__(
        self,
        text: str,
        function: Callable[..., Any] = "kernel",
        filename: PathLike = "<kernel>",
        parameters: tuple[str, ...] | None = None,
        **names: Any,
    ) -> None:
        self.text: str = text
        self.function = function
        self.filename: str = str(filename)
        self.parameters: tuple[str, ...] | None = parameters
        self.names: dict[str, Any] = names

    @property
    def key(self) -> Any:
        """Equal for equal sources."""
        parts = (self.text, self.function, repr(sorted(self.names.items())), *(self.parameters or ()))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@lru_cache(maxsize=512)
def from_file(name: str, function: Callable[..., Any], parameters: tuple[str, ...] | None = None, **names: Any) -> Any:
    """The Source of a kernel in file `kernels/name`.kernel."""
    return Source(kernels.text(name), function, f"native/kernels/{name}.kernel", parameters, **names)


@lru_cache
def _version():
    """A name that changes with whatever changes the code: versions, the processor, the language."""
    from kerasish.backend.numpy.native.load import processor  # it needs llvmlite, an optional package

    parts = [version("llvmlite"), platform.machine(), processor(), kernels.text("polynomials")]
    whole = "\0".join(parts).encode() + read_modules("kerasish.backend.numpy.native.language")
    return hashlib.sha256(whole).hexdigest()[:16]


def address(source: Any) -> Any:
    """The address of the kernel of `source`."""
    key = source.key
    drawn = blueprint.current()
    if drawn is not None:
        return drawn.kernel(source, key)
    found = _addresses.get(key)
    if found is None:
        with _lock:
            found = _addresses.get(key)
            if found is None:
                found = _addresses[key] = _bring(source, key)
    return found


def _bring(source, key):
    from kerasish.backend.numpy.native.load import load, target_machine  # it needs llvmlite, an optional package

    symbol = f"kerasish_{key}"
    code = cache.load(_version(), key)
    found = load(code, symbol) if code is not None else 0
    if not found:  # also where it holds other code than its name says: a call of address 0 would end the process
        from kerasish.backend.numpy.native.language.compile import compile_kernel  # start-up time: most are cached

        code = compile_kernel(source, symbol, target_machine())
        cache.store(_version(), key, code)
        found = load(code, symbol)
    if not found:
        raise RuntimeError(f"The compiled kernel {source.function!r} has no address: it can't be called.")
    return found
