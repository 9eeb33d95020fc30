"""cuBLASLt as the device calls it through ctypes: descriptors, a heuristic, and products with what follows them."""

import itertools

import numpy as np

from tests.cupy_standin import streams
from tests.cupy_standin.cublas import TYPES, Operand, columns_at
from tests.cupy_standin.memory import block_at

_COMPUTES = (68, 77)
_WIDTHS = {  # bytes of each attribute, by kind of descriptor
    "MatmulDesc": {3: 4, 4: 4, 7: 4, 8: 8},
    "MatrixLayout": {5: 4, 6: 8},
    "MatmulPreference": {1: 8, 5: 4, 6: 4, 7: 4, 8: 4},
}


class Library:
    """Functions by the names of the C library; each returns a status, 0 where it went well."""

    def __init__(self):
        self._made, self._numbers = {}, itertools.count(1000)

    def _new(self, place, kind, **facts):
        number = next(self._numbers)
        self._made[number] = {"kind": kind, **facts}
        place._obj.value = number
        return 0

    def _set(self, kind, descriptor, attribute, value, size):
        found = self._made[descriptor.value]
        if found["kind"] != kind or _WIDTHS[kind].get(attribute.value) != size.value:
            return 7
        found[attribute.value] = int.from_bytes(bytes(value._obj), "little")
        return 0

    def _destroy(self, descriptor):
        return 0 if self._made.pop(descriptor.value, None) else 7

    cublasLtMatmulDescDestroy = cublasLtMatrixLayoutDestroy = cublasLtMatmulPreferenceDestroy = _destroy

    def cublasLtCreate(self, handle):
        return self._new(handle, "handle", card=streams.device_id())

    def cublasLtMatmulDescCreate(self, descriptor, compute, scale):
        if compute.value not in _COMPUTES or scale.value != 0:
            return 7
        return self._new(descriptor, "MatmulDesc", compute=compute.value)

    def cublasLtMatmulDescSetAttribute(self, *args):
        return self._set("MatmulDesc", *args)

    def cublasLtMatrixLayoutCreate(self, layout, kind, rows, columns, leading):
        if leading.value < rows.value:
            return 7
        shape = rows.value, columns.value
        return self._new(layout, "MatrixLayout", dtype=np.dtype(TYPES[kind.value]), shape=shape, leading=leading.value)

    def cublasLtMatrixLayoutSetAttribute(self, *args):
        return self._set("MatrixLayout", *args)

    def cublasLtMatmulPreferenceCreate(self, preference):
        return self._new(preference, "MatmulPreference")

    def cublasLtMatmulPreferenceSetAttribute(self, *args):
        return self._set("MatmulPreference", *args)

    def cublasLtMatmulAlgoGetHeuristic(self, handle, operation, a, b, c, d, preference, wanted, result, count):
        assert self._made[preference.value][1] and all(self._made[preference.value][n] for n in (5, 6, 7, 8))
        a, b, d = (self._made[x.value] for x in (a, b, d))
        facts = self._made[operation.value]
        m, k = a["shape"][:: -1 if facts[3] else 1]
        inner, n = b["shape"][:: -1 if facts[4] else 1]
        if k != inner or d["shape"] != (m, n) or not a["dtype"] == b["dtype"] == d["dtype"]:
            return 15
        if facts[7] & ~4 not in (0, 2, 32):
            return 15
        result._obj.state, count._obj.value = 0, 1
        result._obj.algorithm[0] = 0xA190
        return 0

    def cublasLtMatmul(
        self, handle, operation, alpha, A, a, B, b, beta, C, c, D, d, algorithm, workspace, size, stream
    ):  # fmt: skip
        if self._made[handle.value]["card"] != streams.device_id() or (stream.value or 0) != streams.current().ptr:
            raise AssertionError("The handle belongs to another card, or the stream is not what is launched.")
        assert algorithm._obj[0] == 0xA190 and alpha._obj.value == 1 and beta._obj.value == 0
        facts, (a, b, d) = self._made[operation.value], (self._made[x.value] for x in (a, b, d))
        x, y, out = (
            columns_at(place.value, of["dtype"], of["shape"], of["leading"], of.get(6, 0), of.get(5, 1))
            for place, of in ((A, a), (B, b), (D, d))
        )
        bias = None
        reads = [Operand(x), Operand(y)]
        if facts[7] & 4:
            bias = columns_at(facts[8], d["dtype"], (d["shape"][0], 1), d["shape"][0], 0, 1)
            reads.append(Operand(bias))
        block_at(workspace.value + size.value - 1)

        def work():
            with np.errstate(all="ignore"):
                first, second = x.astype(np.float32), y.astype(np.float32)
                first = first.swapaxes(-1, -2) if facts[3] else first
                made = first @ (second.swapaxes(-1, -2) if facts[4] else second)
                if bias is not None:
                    made = made + bias.astype(np.float32)
                if facts[7] & 2:
                    made = np.maximum(made, 0)
                if facts[7] & 32:
                    made = 0.5 * made * (1 + np.tanh(np.sqrt(2 / np.pi) * (made + 0.044715 * made**3)))
                out[...] = made.astype(out.dtype)

        streams.compute(work, reads, [Operand(out)])
        return 0
