"""What stands before every printed kernel: the types of memory, functions for both widths of floats, and reductions."""

from __future__ import annotations

PREAMBLE = r"""
template <class T, int N> struct alignas(sizeof(T) * N) Vec { T at[N]; };

// Halves are memory's alone: kernels compute in float.
struct float16 { unsigned short bits; };
struct bfloat16 { unsigned short bits; };
#ifdef __CUDA_ON_CPU__
static inline float read(float16 x) { _Float16 h; memcpy(&h, &x, 2); return (float)h; }
static inline float16 as_float16(float x) { _Float16 h = (_Float16)x; float16 y; memcpy(&y, &h, 2); return y; }
static inline bfloat16 as_bfloat16(float x) {
    unsigned int w;
    memcpy(&w, &x, 4);
    bfloat16 y;
    y.bits = x != x ? 0x7fff : (unsigned short)((w + 0x7fffu + ((w >> 16) & 1u)) >> 16);
    return y;
}
#else
static __device__ __forceinline__ float read(float16 x) {
    float y;
    asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
    return y;
}
static __device__ __forceinline__ float16 as_float16(float x) {
    float16 y;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
    return y;
}
static __device__ __forceinline__ bfloat16 as_bfloat16(float x) {
    bfloat16 y;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
    return y;
}
#endif
static __device__ __forceinline__ float read(bfloat16 x) { return __int_as_float((int)((unsigned int)x.bits << 16)); }

#define OF_FLOATS(name, narrow, wide)                                                                \
    static __device__ __forceinline__ float name(float x) { return narrow; }                         \
    static __device__ __forceinline__ double name(double x) { return wide; }
OF_FLOATS(exp_, expf(x), exp(x))
OF_FLOATS(expm1_, expm1f(x), expm1(x))
OF_FLOATS(log_, logf(x), log(x))
OF_FLOATS(log1p_, log1pf(x), log1p(x))
OF_FLOATS(sqrt_, sqrtf(x), sqrt(x))
OF_FLOATS(rsqrt_, rsqrtf(x), rsqrt(x))
OF_FLOATS(tanh_, tanhf(x), tanh(x))
OF_FLOATS(erf_, erff(x), erf(x))
OF_FLOATS(erfc_, erfcf(x), erfc(x))
OF_FLOATS(floor_, floorf(x), floor(x))
OF_FLOATS(ceil_, ceilf(x), ceil(x))
OF_FLOATS(trunc_, truncf(x), trunc(x))
OF_FLOATS(round_, rintf(x), rint(x))
OF_FLOATS(sigmoid_, 1.0f / (1.0f + expf(-x)), 1.0 / (1.0 + exp(-x)))
OF_FLOATS(softplus_, fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x))), fmax(x, 0.0) + log1p(exp(-fabs(x))))
#undef OF_FLOATS
static __device__ __forceinline__ float power_(float x, float y) { return powf(x, y); }
static __device__ __forceinline__ double power_(double x, double y) { return pow(x, y); }
static __device__ __forceinline__ float absolute_(float x) { return fabsf(x); }
static __device__ __forceinline__ double absolute_(double x) { return fabs(x); }
template <class T> static __device__ __forceinline__ T absolute_(T x) { return x < T(0) ? T(-x) : x; }
template <class T> static __device__ __forceinline__ T sign_(T x) {
    return x > T(0) ? T(1) : x < T(0) ? T(-1) : x != x ? x : T(0);
}
// The larger and the smaller of two; NaN where one is.
template <class T> static __device__ __forceinline__ T larger_(T x, T y) { return x > y || x != x ? x : y; }
template <class T> static __device__ __forceinline__ T smaller_(T x, T y) { return x < y || x != x ? x : y; }

#define JOIN(Name, text)                                                                             \
    struct Name {                                                                                    \
        template <class T> __device__ __forceinline__ T operator()(T x, T y) const { return text; }  \
    };
JOIN(Add, x + y)
JOIN(Larger, larger_(x, y))
JOIN(Smaller, smaller_(x, y))
#undef JOIN
template <class T> struct Found { T value; int at; };  // of a row the largest, or the first NaN, and where
struct First {
    template <class T> __device__ __forceinline__ Found<T> operator()(Found<T> x, Found<T> y) const {
        bool nans = x.value != x.value && y.value != y.value, nan = y.value != y.value && x.value == x.value;
        bool alike = x.value == y.value || nans;
        return y.value > x.value || nan || (alike && y.at < x.at) ? y : x;
    }
};
template <class T> static __device__ __forceinline__ T from_lane(T x, int distance) {
    return __shfl_xor_sync(0xffffffffu, x, distance);
}
template <class T> static __device__ __forceinline__ Found<T> from_lane(Found<T> x, int distance) {
    Found<T> y;
    y.value = __shfl_xor_sync(0xffffffffu, x.value, distance);
    y.at = __shfl_xor_sync(0xffffffffu, x.at, distance);
    return y;
}
// What N neighbouring threads of a warp come to, in the same order for each.
template <int N, class T, class Join> static __device__ __forceinline__ T of_lanes(T x, Join join) {
#pragma unroll
    for (int distance = N / 2; distance; distance /= 2) x = join(x, from_lane(x, distance));
    return x;
}
// What a block of THREADS comes to. `shared`: a place for each warp, which nobody reads any more.
template <int THREADS, class T, class Join> static __device__ __forceinline__ T of_block(T x, Join join, T* shared) {
    x = of_lanes<32>(x, join);
    if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = x;
    __syncthreads();
    x = shared[0];
#pragma unroll
    for (int warp = 1; warp < THREADS / 32; warp++) x = join(x, shared[warp]);
    return x;
}
"""
