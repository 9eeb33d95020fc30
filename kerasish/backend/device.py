"""The seam between the engine and what computes: a device is a folder of kernels behind this interface.

A kernel is `fn(out, *inputs, **attributes)` and writes into `out` (a tuple of arrays where the primitive has several
outputs). A device names its kernels after the primitives; `Device.check` says which ones are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from importlib import import_module
from typing import Any

from kerasish import forks
from kerasish.backend.settings import settings
from kerasish.suggestions import did_you_mean, suggesting
from kerasish.typing import AnyTensor, DTypeLike, Shape, ShapeLike, TensorLike

ENTRY_POINTS = "kerasish.devices"
_BUILT_IN = ("cupy", "numpy")


class Device:
    """A place where arrays live and kernels run.

    Subclass it, fill `kernels`, and name it in the entry-point group `kerasish.devices`.

    Attributes:
        name: string.
        kind: string, "cpu" or "gpu": what `keras.device` calls it.
        kernels: dict from a primitive's name to `fn(out, *inputs, **attributes)`.
        views: dict from a primitive's name to `fn(array, **attributes)` that returns a view of `array`, or None where
            the layout allows none. Optional: without it every reshape is a copy.
        shortcuts: dict from a primitive's name to `fn(*inputs, **attributes)`, which computes an eager call and
            allocates its own result, or returns None for operands it is not made for. Optional: it makes small eager
            calls light.
        fuses: bool, whether `bind` takes nodes named "fused", whose attribute `group` (a compiler.fusion.Group) says
            what to compute.
        updates_together: bool, whether the groups that update variables had better stand one behind the other, at the
            end of a step, than each where its gradient is there.
        places_numbers: bool, whether constants without axes, too, have to lie in a `buffer`.
        lowerings: dict from the name of a primitive that runs whole graphs (`compiler/lowering.py`) to what the device
            makes of it in place of that table's function, which None leaves to it.
        most_calls: int, how many calls a loop may come to that is bound step by step; None for the compiler's own.
        replays: bool, whether a step is recorded once and replayed, so that asking the host in its middle is dear.
        computes_halves: names of the primitives whose kernels take half precision as it is stored, and add up in
            float32. All others are given float32.
        replayer: function of a `compiler.replay.Replay` and the arrays of a table and its slots, which makes what does
            to rows the steps that they missed; see `backend/numpy/fused/replay.py`. None: such updates are dense.

    Example:
        >>> import kerasish as keras
        >>> device = keras.backend.device()
        >>> device.name, device.to_host(device.from_host(keras.ops.array([1, 2]))).tolist()
        ('numpy', [1, 2])
    """

    name = "device"
    kind = "cpu"
    kernels: dict[Any, Any] = {}
    views: dict[Any, Any] = {}
    shortcuts: dict[Any, Any] = {}
    fuses = False
    updates_together = False
    places_numbers = False
    lowerings: dict[str, Callable[..., Any]] = {}
    most_calls: int | None = None
    replays = False
    computes_halves: frozenset[str] = frozenset()
    replayer: Callable[..., Any] | None = None

    def can_replay(self, replay: Any) -> bool:
        """Whether `replayer` makes something of a `compiler.replay.Replay`; where it does not, the update is dense."""
        return self.replayer is not None

    def empty(self, shape: ShapeLike, dtype: DTypeLike) -> AnyTensor:
        """An uninitialised array; `dtype` is a string."""
        raise TypeError(f"The device {self.name!r} does not define `empty`.")

    def buffer(self, shape: ShapeLike, dtype: DTypeLike) -> AnyTensor:
        """As `empty`, for what lasts: the memory of a Variable, and what the steps of a Program are bound to.

        Where numbers lie must not show in the bits of what is computed of them, so a device on which it might gives all
        such arrays an equal alignment.
        """
        return self.empty(shape, dtype)

    def held(self, variable: Any) -> AnyTensor:
        """The memory of a Variable, for a Program that reads or writes it."""
        return variable._buffer

    def from_host(self, array: Any) -> AnyTensor:
        """A copy on the device of a NumPy array."""
        raise TypeError(f"The device {self.name!r} does not define `from_host`.")

    def to_host(self, array: AnyTensor) -> Any:
        """A NumPy array with a copy of a device array's values."""
        raise TypeError(f"The device {self.name!r} does not define `to_host`.")

    def fetch(self, array: AnyTensor) -> Any:
        """As `to_host`, for an array that the caller alone holds: it may be handed out as it is."""
        return self.to_host(array)

    def is_array(self, value: Any) -> bool:
        """Whether `value` is an array of this device."""
        raise TypeError(f"The device {self.name!r} does not define `is_array`.")

    def copy_into(self, target: AnyTensor, source: AnyTensor) -> None:
        """Write the values of device array `source` (same shape) into `target`, converting the dtype."""
        raise TypeError(f"The device {self.name!r} does not define `copy_into`.")

    def write(self, target: AnyTensor, value: TensorLike) -> None:
        """Write a host or device array into device array `target` of the same shape."""
        self.copy_into(target, value if self.is_array(value) else self.from_host(value))

    def copy(self, array: AnyTensor) -> AnyTensor:
        """A new array with the same values."""
        twin = self.empty(array.shape, self.dtype_name(array))
        self.copy_into(twin, array)
        return twin

    def may_share(self, x: AnyTensor, y: AnyTensor) -> bool:
        """Whether a write to one of two arrays might show in the other."""
        return x is y

    def carve(self, size: int, places: Sequence[tuple[int, Shape, str]]) -> list[AnyTensor]:
        """Arrays for a Program: `places` lists (offset in bytes, shape, dtype) within `size` bytes.

        Those at overlapping offsets are
        never in use together; a device that can't share memory gives each its own.
        """
        return [self.empty(shape, dtype) for _, shape, dtype in places]

    def running(self) -> Any:
        """A context in which a Program's steps run."""
        return nullcontext()

    def part(self, array: TensorLike, index: int) -> None:
        """A view of `array[index]` (an int) that later writes to `array` show in.

        None where the device has no views.
        """
        return None

    def dtype_name(self, array: AnyTensor) -> str:
        """The dtype of a device array, as a string."""
        return str(array.dtype)

    def bind(self, name: str, out: Any, inputs: TensorLike, attributes: dict[str, Any]) -> Any:
        """A function without arguments (or a list of such) that runs kernel `name` on exactly these arrays.

        It may be called as often as one likes.
        """
        return partial(self.kernels[name], out, *inputs, **attributes)

    def addends(self) -> int | None:
        """As how many addends ranks see a sum: 1 where it is added up for all, else what each has made.

        None where they don't see one another's memory. All ranks get the same answer.
        """
        return None

    def seen_by_ranks(self, node: Any) -> list[AnyTensor] | None:
        """The arrays that a node makes, where they lie in memory that all ranks of this machine see.

        None where they lie in the arena, as those of others do.
        """
        return None

    def scratch(self, node: Any) -> int:
        """Bytes that the step of a node works in, beside what it reads and writes: in the arena, while it runs."""
        return 0

    def work_in(self, bound: Any, memory: Any) -> None:
        """Give what `bind` made of such a node its memory, an array of bytes."""

    def follow(self, steps: int, bound: Any) -> bool:
        """Let `bound` (what `bind` made of a group) be done by the last of `steps`; says whether that was possible.

        It is done on each part of the output of that step as it is made. Where it was not possible, `bound` stands
        behind it.
        """
        return False

    def assemble(self, steps: int) -> Any:
        """One function that does all `steps` (what `bind` made, flat) in order."""
        steps = tuple(steps)

        def run():
            for step in steps:
                step()

        return run

    def attention_hindrance(self, operands: Sequence[Any], **attributes: Any) -> str | None:
        """Why attention is not one kernel here; None where it is, "" where the device never has one.

        Args:
            operands: those of the primitive `attention`: things with `shape`, in which sizes may be open, and `dtype`.
            **attributes: those of the primitive.
        """
        return ""

    def adopt(self, value: Any) -> Any:
        """A device array over the memory of another library's array, or None where `value` is no such array."""
        return None

    def card(self, index: int) -> Any:
        """A context in which what is computed is computed on card `index` of this device's.

        Raises IndexError where there are not so many.
        """
        if index:
            raise IndexError(index)
        return nullcontext()

    def describe(self) -> list[str]:
        """What the device is, a line for each of its cards."""
        return [self.kind]

    def synchronize(self) -> None:
        """Wait until all work handed to the device is done."""

    def set_num_threads(self, number: int | None) -> int:
        """How many threads share what is compiled from now on; returns the number before."""
        raise TypeError(f"The device {self.name!r} does not let its threads be counted.")

    def clear_kernel_cache(self) -> None:
        """Remove compiled kernels from disk."""

    def check(self, primitives: Any) -> None:
        """Raise ValueError naming the primitives for which this device has no kernel."""
        missing = sorted(set(primitives) - set(self.kernels))
        if missing:
            raise ValueError(f"The device {self.name!r} lacks kernels for: {', '.join(missing)}.")


_devices = {}
_current = None
_lock = forks.whole_work_lock()  # a device's start imports


def available_devices() -> list[str]:
    """The names of the devices that can be asked for.

    They are built in, registered in this process, or installed as entry points.

    Returns:
        List of strings.

    Example:
        >>> import kerasish as keras
        >>> "numpy" in keras.backend.available_devices()
        True
    """
    from importlib.metadata import entry_points  # start-up time: it reads many files

    return sorted({*_BUILT_IN, *_devices, *(entry.name for entry in entry_points(group=ENTRY_POINTS))})


@suggesting
def register_device(name: str, factory: Callable[[], Device]) -> None:
    """Make a device available to `set_backend` in this process.

    Args:
        name: string.
        factory: function without arguments that returns a Device.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.register_device("mine", MyDevice)  # doctest: +SKIP
    """
    _devices[name] = factory


def _start(name):
    if name == "numpy":
        # by name, as any device: it stands on the primitives, which ask for a device
        return import_module("kerasish.backend.numpy.device").NumpyDevice()
    if name in _devices:
        return _devices[name]()
    if name == "cupy":
        import_module("kerasish.backend.cupy.missing").cupy_on_a_card()
        return import_module("kerasish.backend.cupy.device").CupyDevice()
    from importlib.metadata import entry_points  # start-up time: it reads many files

    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name == name:
            try:
                return entry.load()()
            except Exception as error:
                raise RuntimeError(
                    f"The device {name!r} (from {entry.value}) could not start: {error}. Install what it needs, or "
                    "choose "
                    "another with KERASISH_BACKEND or `kerasish.backend.set_backend`."
                ) from error
    hint = did_you_mean(name, available_devices())
    raise ValueError(f"Unknown backend {name!r}; available: {', '.join(available_devices())}.{hint}")


def device() -> Device:
    """The current device, started at first use.

    Returns:
        Device.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.device().name
        'numpy'
    """
    global _current
    if _current is None:
        with _lock:
            if _current is None:
                _current = _start(settings()["backend"])
    return _current


def backend() -> str:
    """The name of the current device.

    Returns:
        String, such as "numpy".

    Example:
        >>> import kerasish as keras
        >>> keras.backend.backend()
        'numpy'
    """
    return _current.name if _current is not None else settings()["backend"]


@suggesting
def set_backend(backend: str) -> None:
    """Set the device of everything created from now on; what exists stays where it is.

    Args:
        backend: string, one of `available_devices()`.

    Raises:
        ValueError: for an unknown name.
        RuntimeError: when the device can't start; it says what to install.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.set_backend("numpy")
    """
    global _current
    if _current is None or _current.name != backend:
        _current = _start(backend)
    settings()["backend"] = backend


@suggesting
def set_num_threads(number: int | None) -> int:
    """Set how many threads share the work of what is compiled from now on.

    `KERASISH_NUM_THREADS` does so from the start. What is compiled already keeps its number, and so its bits.

    Args:
        number: int from 1, or None for what the environment or the machine says.

    Returns:
        Int, the number before.

    Raises:
        ValueError: for anything else.

    Example:
        >>> import kerasish as keras
        >>> before = keras.backend.set_num_threads(1)
        >>> keras.backend.set_num_threads(before)
        1
    """
    return device().set_num_threads(number)


def clear_kernel_cache() -> None:
    """Remove the compiled kernels that the current device keeps on disk.

    They lie in `KERASISH_CACHE_DIR` or your cache folder. Nothing else there is touched, and those in memory stay.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.clear_kernel_cache()  # doctest: +SKIP
    """
    device().clear_kernel_cache()
