"""A convolution, or one of its two gradients, as a graph of cuDNN.

Arrays are taken as they lie: (batch, *space, channels), and kernels (*window, channels / groups, filters). cuDNN names
the axes in another order and is told the strides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import cupy
import numpy as np

from kerasish.backend.cupy.cudnn import epilogue
from kerasish.backend.cupy.cudnn.library import frontend, type_of
from kerasish.backend.cupy.cudnn.lying import lies, lying
from kerasish.backend.cupy.cudnn.plans import Plan, plan
from kerasish.backend.cupy.followers import chain

FIRST, SECOND, RESULT, MORE = 1, 2, 3, 4  # uids: of the two operands, the result, and the first of the epilogue's


class Windows(NamedTuple):
    """Where windows lie: tuples with an entry for each axis of space; `padding` has pairs."""

    strides: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]


class Call(NamedTuple):
    """One of the three convolutions, with two axes of space or three.

    Attributes:
        name: string, of the primitive. image, kernel, made: shapes: of x, the kernel and what the windows make.
        dtype: string. windows: Windows. turned: bool, whether the kernel is given as (filters, *window, channels).
    """

    name: str
    image: tuple[int, ...]
    kernel: tuple[int, ...]
    made: tuple[int, ...]
    dtype: str
    windows: Windows
    turned: bool = False

    def describe(self, cudnn: Any, graph: Any, follow: Callable[[Any, Any], Any] | None = None) -> dict[int, Any]:
        """Put the tensors and the operation into `graph`; `follow(graph, tensor)` continues it."""
        kind = type_of(np.dtype(self.dtype))
        image, kernel, made = _image(self.image), _kernel(self.kernel, self.turned), _image(self.made)
        pairs = self.windows.padding
        where = {
            "pre_padding": [before for before, _ in pairs],
            "post_padding": [after for _, after in pairs],
            "stride": list(self.windows.strides),
            "dilation": list(self.windows.dilation),
        }

        def given(uid, name, lies):
            return graph.tensor(name=name, dim=lies[0], stride=lies[1], data_type=kind, uid=uid)

        if self.name == "conv":
            first, second, shapes = image, kernel, (self.image, self.kernel, self.made)
            result = graph.conv_fprop(image=given(FIRST, "x", image), weight=given(SECOND, "w", kernel), **where)
            lies = made
        elif self.name == "conv_input_gradient":
            first, second, shapes = made, kernel, (self.made, self.kernel, self.image)
            result = graph.conv_dgrad(loss=given(FIRST, "g", first), filter=given(SECOND, "w", second), **where)
            lies = image
        else:
            first, second, shapes = image, made, (self.image, self.made, self.kernel)
            result = graph.conv_wgrad(image=given(FIRST, "x", first), loss=given(SECOND, "g", second), **where)
            lies = kernel
        result.set_dim(lies[0]).set_stride(lies[1])
        arrays = {uid: _maker(shape, self.dtype) for uid, shape in zip((FIRST, SECOND, RESULT), shapes)}
        if follow is None:
            result.set_output(True).set_data_type(kind).set_uid(RESULT)
        else:
            arrays.update(follow(graph, result))
        return arrays


def _maker(shape, dtype):
    return lambda: cupy.empty(shape, np.dtype(dtype))


def strided(shape: Sequence[int]) -> tuple[list[int], list[int]]:
    """(sizes, strides in elements) of an array (batch, *space, channels), in cuDNN's order of axes."""
    steps = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    return [shape[0], shape[-1], *shape[1:-1]], [steps[0], steps[-1], *steps[1:-1]]


_image = strided


def _kernel(shape, turned):
    if turned:
        return strided((shape[-1], *shape[:-1]))
    steps = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    return [shape[-1], shape[-2], *shape[:-2]], [steps[-1], steps[-2], *steps[:-2]]


def _turn(kernel):
    """A copy with the filters first."""
    made = cupy.empty((kernel.shape[-1], *kernel.shape[:-1]), kernel.dtype)
    cupy.copyto(made, cupy.moveaxis(kernel, -1, 0))
    return made


def call(name: str, out: Any, first: Any, second: Any, strides: Any, padding: Any, dilation: Any) -> Call | None:
    """The Call for arrays; None where cuDNN takes no such thing.

    It computes in float32, float16 and bfloat16; windows begin outside an image, but leave nothing of it out.
    """
    if frontend() is None or type_of(out.dtype) is None or not (first.dtype == second.dtype == out.dtype):
        return None
    if not (first.size and second.size and out.size) or any(min(pair) < 0 for pair in padding):
        return None
    if name == "conv_input_gradient":
        arrays = out, second, first
    else:
        arrays = (first, second, out) if name == "conv" else (first, out, second)
    image, kernel, made = (tuple(map(int, x.shape)) for x in arrays)
    windows = Windows(tuple(strides), tuple(map(tuple, padding)), tuple(dilation))
    if len(image) == 3:  # cuDNN has two axes of space or three
        image, kernel, made = (image[0], 1, *image[1:]), (1, *kernel), (made[0], 1, *made[1:])
        windows = Windows((1, *windows.strides), ((0, 0), *windows.padding), (1, *windows.dilation))
    return Call(name, image, kernel, made, out.dtype.name, windows)


class Step:
    """A convolution bound to arrays, which a Group may follow. Called, it is computed.

    Args:
        call: Call. out, first, second: arrays. otherwise: function that computes it where cuDNN has no plan.
    """

    def __init__(self, call: Call, out: Any, first: Any, second: Any, otherwise: Callable[[], None]) -> None:
        self._call, self._out, self._first, self._second = call, out, first, second
        self._plan: Plan | None = plan(call, call.describe)
        self._more: dict[int, Any] = {}
        self._otherwise = otherwise
        self.follows = False
        self.workspace: Any = None

    @property
    def is_planned(self) -> bool:
        """Whether cuDNN computes it."""
        return self._plan is not None

    def __call__(self) -> None:
        if self._plan is None:
            self._otherwise()
            return
        out = self._out if lies(self._out) else cupy.empty(self._out.shape, self._out.dtype)
        second = _turn(self._second) if self._call.turned else lying(self._second)
        self._plan.run({FIRST: lying(self._first), SECOND: second, RESULT: out, **self._more}, self.workspace)
        if out is not self._out:
            cupy.copyto(self._out, out)

    def follow(self, group: Any, arrays: dict[Any, Any]) -> bool:
        """Do `group`, bound to `arrays`, in the same graph; says whether cuDNN has a plan for that.

        Only where the result takes the convolution's own memory: that says that nobody else reads what is there. cuDNN
        has a bias of the result's type and relu behind kernels of any layout (9.28), and all else behind those that
        have the filters first. For that the kernel is copied, where it is smaller than what another pass over the
        result would read and write.
        """
        if self._plan is None or self.follows or not lies(self._out) or self._call.name != "conv":
            return False
        words = epilogue.words(chain(group, arrays, self._out), self._out, strided)
        if words is None or not all(map(lies, words.chain.operands)):
            return False
        turned = not words.takes_any_kernel
        if turned and self._second.nbytes > self._out.nbytes:
            return False
        call = self._call._replace(turned=turned)

        def described(cudnn, graph):
            return call.describe(cudnn, graph, lambda graph, result: words.append(graph, result, RESULT, MORE))

        found = plan((call, words.key), described)
        if found is None:
            return False
        self._call, self._plan, self.follows = call, found, True
        self._more = {MORE + i: array for i, array in enumerate(words.chain.operands)}
        return True


class _Lies(NamedTuple):
    """An array that is not there yet."""

    shape: tuple[int, ...]
    dtype: Any

    @property
    def size(self) -> int:
        return math.prod(self.shape)


def workspace(node: Any) -> int:
    """Bytes that the convolution of a node works in, with nothing behind it; 0 where cuDNN does not compute it."""
    arrays = [_Lies(tuple(x.shape), np.dtype(x.dtype)) for x in (node.outputs[0], *node.inputs)]
    where = (node.attributes[word] for word in ("strides", "padding", "dilation"))
    asked = call(node.operation.name, *arrays, *where)
    found = None if asked is None else plan(asked, asked.describe)
    return 0 if found is None else found.bytes


def compute(name: str, out: Any, first: Any, second: Any, strides: Any, padding: Any, dilation: Any) -> bool:
    """Compute at once; says whether cuDNN could."""
    asked = call(name, out, first, second, strides, padding, dilation)
    if asked is None:
        return False
    step = Step(asked, out, first, second, lambda: None)
    if not step.is_planned:
        return False
    step()
    return True
