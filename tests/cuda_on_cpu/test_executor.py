"""The executor of CUDA C: what it computes, and what it refuses."""

import numpy as np
import pytest

from tests.cuda_on_cpu import CompileError, CudaError, Module, available

pytestmark = pytest.mark.skipif(not available(), reason="needs g++")

KERNELS = r"""
#include <cuda_fp16.h>
#include <cuda_bf16.h>
// __syncthreads() in a comment is none
extern "C" __global__ void axpy(float a, const float* __restrict__ x, float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}
__device__ __forceinline__ float warp_sum(float v) {
    for (int d = 16; d; d >>= 1) v += __shfl_xor_sync(0xffffffffu, v, d);
    return v;
}
extern "C" __global__ void __launch_bounds__(256) sum_rows(const float* x, float* y, int columns) {
    __shared__ float parts[32];
    float v = 0.f;
    for (int j = threadIdx.x; j < columns; j += blockDim.x) v += x[(size_t)blockIdx.x * columns + j];
    v = warp_sum(v);
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = v;
    __syncthreads();
    if (threadIdx.x < 32) {
        v = threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0.f;
        v = warp_sum(v);
        if (threadIdx.x == 0) y[blockIdx.x] = v;
    }
}
extern "C" __global__ void reverse(double* x, int n) {
    extern __shared__ double all[];
    all[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = all[n - 1 - threadIdx.x];
}
extern "C" __global__ void histogram(const int* x, int* counts, int* most, int n) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        atomicAdd(&counts[x[i]], 1);
        atomicMax(most, x[i]);
        atomicMin(most + 1, x[i]);
    }
}
extern "C" __global__ void add_by_cas(float* at, float value) {
    int* bits = (int*)at;
    int old = *bits, seen;
    do {
        seen = old;
        old = atomicCAS(bits, seen, __float_as_int(__int_as_float(seen) + value));
    } while (old != seen);
}
extern "C" __global__ void halves(const __half* h, const __nv_bfloat16* b, __half* g, __nv_bfloat16* c, float by) {
    int i = threadIdx.x;
    g[i] = __float2half(__half2float(h[i]) * by);
    c[i] = __float2bfloat16(__bfloat162float(b[i]) * by);
}
extern "C" __global__ void fours(const float4* x, float4* y) {
    float4 v = x[threadIdx.x];
    y[threadIdx.x] = make_float4(v.w, v.z, v.y, v.x);
}
extern "C" __global__ void words(unsigned* votes, int* up, int* down, int* from) {
    int lane = threadIdx.x % 32;
    unsigned odd = __ballot_sync(0xffffffffu, lane & 1);
    if (lane == 0) votes[threadIdx.x / 32] = odd;
    up[threadIdx.x] = __shfl_up_sync(0xffffffffu, lane, 3);
    down[threadIdx.x] = __shfl_down_sync(0xffffffffu, lane, 2, 8);
    from[threadIdx.x] = __shfl_sync(0xffffffffu, lane, 5, 16);
}
extern "C" __global__ void torn_barrier(int* x) {
    if (threadIdx.x < 16) __syncthreads();
    x[threadIdx.x] = 1;
}
extern "C" __global__ void two_barriers(int* x) {
    if (threadIdx.x < 16) { __syncthreads();
    } else {
        __syncthreads();
    }
    x[threadIdx.x] = 1;
}
extern "C" __global__ void torn_shuffle(int* x) {
    if (threadIdx.x < 16) x[threadIdx.x] = __shfl_xor_sync(0xffffffffu, x[threadIdx.x], 1);
    __syncthreads();
}
extern "C" __global__ void half_a_warp(int* x) { x[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1, 16); }
extern "C" __global__ void unwritten(float* x) {
    __shared__ float s[32];
    if (threadIdx.x) s[threadIdx.x] = 1.f;
    __syncthreads();
    x[threadIdx.x] = s[threadIdx.x];
}
extern "C" __global__ void race(int* x) {
    __shared__ int s[64];
    s[threadIdx.x] = threadIdx.x;
    x[threadIdx.x] = threadIdx.x ? s[threadIdx.x - 1] : 0;
}
extern "C" __global__ void too_much(float* x) {
    __shared__ float s[13000];
    s[threadIdx.x] = 1.f;
    x[threadIdx.x] = s[threadIdx.x];
}
struct Pair { float* at; int count; };
struct Pairs { Pair pair[2]; };
extern "C" __global__ void table(const Pairs pairs) {
    Pair mine = pairs.pair[blockIdx.x];
    for (int i = threadIdx.x; i < mine.count; i += blockDim.x) mine.at[i] += 1.f;
}
"""


@pytest.fixture(scope="module", autouse=True)
def without_headers():
    """NVRTC alone has no `cuda_fp16.h`: these programs are the executor's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("KERASISH_NVRTC", raising=False)
        yield


@pytest.fixture(scope="module")
def module():
    """The kernels above."""
    return Module(KERNELS)


@pytest.fixture(scope="module")
def checked():
    """The kernels above, with every address looked at."""
    return Module(KERNELS, checked=True)


def test_a_plain_kernel(module):
    x, y = np.arange(1000, dtype=np.float32), np.ones(1000, np.float32)
    assert not module.waits("axpy")
    module.get_function("axpy")((4,), (256,), (np.float32(2), x, y, np.int32(1000)))
    np.testing.assert_array_equal(y, 2 * np.arange(1000) + 1)


@pytest.mark.parametrize("threads", [32, 128, 1024])
@pytest.mark.parametrize("backwards", [False, True])
def test_rows_are_added_up_by_shuffles_and_shared_memory(module, threads, backwards):
    x = np.random.default_rng(0).integers(0, 100, (7, 1031)).astype(np.float32)
    y = np.empty(7, np.float32)
    assert module.waits("sum_rows")
    module.get_function("sum_rows")((7,), (threads,), (x, y, 1031), backwards=backwards)
    np.testing.assert_array_equal(y, x.sum(1))


def test_fibers_of_the_c_library():
    other = Module(KERNELS, ("-DCUDA_ON_CPU_UCONTEXT=1",))
    y = np.empty(3, np.float32)
    other.get_function("sum_rows")((3,), (256,), (np.ones((3, 700), np.float32), y, 700))
    np.testing.assert_array_equal(y, 700)
    with pytest.raises(CudaError, match="different barriers"):
        other.get_function("two_barriers")((1,), (32,), (np.zeros(32, np.int32),))


def test_dynamic_shared_memory(module):
    x = np.arange(96.0)
    module.get_function("reverse")((1,), (96,), (x, 96), 96 * 8)
    np.testing.assert_array_equal(x, np.arange(96.0)[::-1])


def test_atomics(module):
    x = np.random.default_rng(0).integers(3, 17, 5000).astype(np.int32)
    counts, most = np.zeros(20, np.int32), np.array([0, 100], np.int32)
    module.get_function("histogram")((3,), (64,), (x, counts, most, 5000))
    np.testing.assert_array_equal(counts, np.bincount(x, minlength=20))
    assert (most == (x.max(), x.min())).all()
    total = np.zeros(1, np.float32)
    module.get_function("add_by_cas")((5,), (100,), (total, np.float32(2)))
    assert total == 1000


def test_halves_round_to_the_nearest(module):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    values = np.random.default_rng(0).normal(size=256).astype(np.float32) * 100
    values[:4] = np.inf, -np.inf, 0, -0.0
    h, b = values.astype(np.float16), values.astype(ml_dtypes.bfloat16)
    g, c = np.empty_like(h), np.empty_like(b)
    module.get_function("halves")((1,), (256,), (h, b, g, c, np.float32(1.1)))
    np.testing.assert_array_equal(g, (h.astype(np.float32) * np.float32(1.1)).astype(np.float16))
    np.testing.assert_array_equal(
        c.view(np.uint16), (b.astype(np.float32) * np.float32(1.1)).astype(b.dtype).view(np.uint16)
    )


def test_vectors_shuffles_and_votes(module):
    x = np.arange(64, dtype=np.float32)
    y = np.empty_like(x)
    module.get_function("fours")((1,), (16,), (x, y))
    np.testing.assert_array_equal(y, x.reshape(16, 4)[:, ::-1].reshape(-1))
    votes, (up, down, source) = np.zeros(2, np.uint32), np.zeros((3, 64), np.int32)
    module.get_function("words")((1,), (64,), (votes, up, down, source))
    lane = np.arange(64) % 32
    assert (votes == 0xAAAAAAAA).all()
    np.testing.assert_array_equal(up, np.where(lane < 3, lane, lane - 3))
    np.testing.assert_array_equal(down, np.where(lane % 8 > 5, lane, lane + 2))
    np.testing.assert_array_equal(source, lane // 16 * 16 + 5)


def test_a_structure_of_pointers(checked):
    a, b = np.zeros(5, np.float32), np.zeros(300, np.float32)
    dtype = np.dtype([("at", np.uintp), ("count", np.int32)], align=True)
    pairs = np.array([(a.ctypes.data, 5), (b.ctypes.data, 300)], dtype)
    checked.get_function("table")((2,), (32,), (pairs.view(f"V{pairs.nbytes}")[0],), memory=(a, b))
    assert (a == 1).all() and (b == 1).all()
    with pytest.raises(CudaError, match="outside of every array"):
        checked.get_function("table")((2,), (32,), (pairs.view(f"V{pairs.nbytes}")[0],), memory=(a,))


@pytest.mark.parametrize(
    ("name", "threads", "said"),
    [
        ("torn_barrier", 32, "ends while others wait at the barrier"),
        ("two_barriers", 32, "different barriers"),
        ("torn_shuffle", 32, "waits in a shuffle while others wait|a shuffle waits for"),
        ("half_a_warp", 16, "which does not take part"),
    ],
)
def test_threads_that_do_not_meet(module, name, threads, said):
    x = np.zeros(64, np.int32)
    with pytest.raises(CudaError, match=said):
        module.get_function(name)((1,), (threads,), (x,))
    y = np.zeros(1, np.float32)
    module.get_function("sum_rows")((1,), (32,), (np.ones(40, np.float32), y, 40))  # the next launch is none the worse
    assert y == 40


def test_what_nobody_wrote_and_what_depends_on_the_order(module):
    x = np.zeros(32, np.float32)
    module.get_function("unwritten")((1,), (32,), (x,))
    assert np.isnan(x[0]) and (x[1:] == 1).all()
    forwards, backwards = np.zeros(64, np.int32), np.zeros(64, np.int32)
    module.get_function("race")((1,), (64,), (forwards,))
    module.get_function("race")((1,), (64,), (backwards,), backwards=True)
    assert (forwards != backwards).any()


@pytest.mark.parametrize(
    ("grid", "block", "shared", "said"),
    [
        ((1,), (1025,), 0, "at most 1024"),
        ((1,), (1, 1, 65), 0, "64 along z"),
        ((0,), (32,), 0, "at least one"),
        ((1, 65536), (32,), 0, "65535"),
        ((1,), (96,), 49153, "max_dynamic_shared_size_bytes"),
    ],
)
def test_launches_that_cuda_refuses(module, grid, block, shared, said):
    with pytest.raises(CudaError, match=said):
        module.get_function("reverse")(grid, block, (np.arange(96.0), 96), shared)


def test_shared_memory_that_was_asked_for(module):
    function, x = module.get_function("reverse"), np.arange(96.0)
    function.max_dynamic_shared_size_bytes = 100 * 1024
    function((1,), (96,), (x, 96), 100 * 1024)
    assert x[0] == 95
    with pytest.raises(CudaError, match="static shared memory"):
        module.get_function("too_much")((1,), (32,), (np.zeros(32, np.float32),))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((2.0, 1), "takes 4 arguments"),
        ((np.float64(2), None, None, 1), "a float of 4 bytes"),
        ((np.float32(2), None, None, np.int64(1)), "an integer of 4 bytes"),
        ((np.float32(2), None, None, 2**31), "an integer of 4 bytes"),
        ((np.zeros(1), None, None, 1), "is an array"),
    ],
)
def test_arguments_that_do_not_fit(module, args, said):
    with pytest.raises(CudaError, match=said):
        module.get_function("axpy")((1,), (1,), args)


def test_addresses_are_looked_at(checked):
    x, y = np.zeros(100, np.float32), np.zeros(100, np.float32)
    axpy = checked.get_function("axpy")
    axpy((1,), (128,), (np.float32(1), x, y, 100))
    with pytest.raises(CudaError, match=r"a load of 4 bytes outside of every array.*thread 100,0,0"):
        axpy((1,), (128,), (np.float32(1), x, y, 101))
    with pytest.raises(CudaError, match="no multiple of 16 bytes"):
        checked.get_function("fours")((1,), (8,), (x[1:], y))
    sums = checked.get_function("sum_rows")
    sums((1,), (64,), (x, y, 100))
    with pytest.raises(CudaError, match="outside of every array"):
        sums((2,), (64,), (x, y, 100))


def test_what_does_not_compile():
    with pytest.raises(CompileError, match="error"):
        Module('extern "C" __global__ void f(int x) { y = x; }')
    with pytest.raises(CudaError, match="no kernel 'g'"):
        Module('extern "C" __global__ void f(int* x) { *x = 1; }').get_function("g")
