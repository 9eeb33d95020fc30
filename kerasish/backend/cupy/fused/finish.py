"""The second pass of sums over rows: what the blocks have added up, added up in one order."""

from __future__ import annotations

import hashlib

from kerasish.backend.cupy.fused.expressions import computed

THREADS = 256
_FUNCTION = f"""
// Shares of `strips` blocks beside one another, for each of `columns` numbers at `places` places.
template <class T, int ACROSS>
static __device__ void finish_(const T* share, T* out, long long strips, long long columns, long long places,
                               double* shared) {{
    const int tx = threadIdx.x % ACROSS, ty = threadIdx.x / ACROSS;
    const long long number = (long long)blockIdx.x * ACROSS + tx, all = columns * places;
    const long long first = number / columns * strips * columns + number % columns;
    double sum = 0;
    if (number < all)
        for (long long strip = ty; strip < strips; strip += {THREADS} / ACROSS)
            sum += (double)share[first + strip * columns];
    shared[threadIdx.x] = sum;
    __syncthreads();
    for (int half = {THREADS} / ACROSS / 2; half; half /= 2) {{
        if (ty < half) shared[threadIdx.x] += shared[threadIdx.x + half * ACROSS];
        __syncthreads();
    }}
    if (ty == 0 && number < all) out[number] = (T)shared[threadIdx.x];
}}
"""


def across(columns: int) -> int:
    """Columns that a block does."""
    size = 1
    while size < min(columns, 32):
        size *= 2
    return size


def finish(sums: list[tuple[str, int]]) -> tuple[str, str]:
    """(name, text) of the kernel for sums of (dtype, what `across` says)."""
    parameters, calls = [], []
    for place, (dtype, wide) in enumerate(sums):
        kind = computed(dtype)
        parameters.append(
            f"const {kind}* q{place}, {kind}* y{place}, long long n{place}, long long c{place}, long long l{place}"
        )
        arguments = f"q{place}, y{place}, n{place}, c{place}, l{place}, shared"
        calls.append(f"    if (blockIdx.y == {place}) finish_<{kind}, {wide}>({arguments});")
    body = "\n".join(["    __shared__ double shared[%d];" % THREADS, *calls])
    head = f'extern "C" __global__ void __launch_bounds__({THREADS}) NAME('
    said = head + ",\n        ".join(parameters) + ") {\n" + body + "\n}\n"
    name = "finish_" + hashlib.sha256((_FUNCTION + said).encode()).hexdigest()[:16]
    return name, said.replace("NAME(", f"{name}(", 1)


FINISH = _FUNCTION
