// The words that CUDA C adds to C++, vectors of numbers, and the two halves.
#pragma once
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <type_traits>
#include <utility>

#define __CUDA_ON_CPU__ 1
#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define __restrict__ __restrict

struct dim3 {
    unsigned int x, y, z;
};
typedef dim3 uint3;

#define CUDA_VECTORS(T, name, two, four)                                                      \
    struct alignas(two) name##2 { T x, y; };                                                  \
    struct name##3_ { T x, y, z; };                                                           \
    struct alignas(four) name##4 { T x, y, z, w; };                                           \
    inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                \
    inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
CUDA_VECTORS(float, float, 8, 16)
CUDA_VECTORS(double, double, 16, 16)
CUDA_VECTORS(int, int, 8, 16)
CUDA_VECTORS(unsigned int, uint, 8, 16)
CUDA_VECTORS(short, short, 4, 8)
CUDA_VECTORS(unsigned short, ushort, 4, 8)
CUDA_VECTORS(signed char, char, 2, 4)
CUDA_VECTORS(unsigned char, uchar, 2, 4)
CUDA_VECTORS(long long, longlong, 16, 16)
CUDA_VECTORS(unsigned long long, ulonglong, 16, 16)
#undef CUDA_VECTORS

// Memory of a half; numbers are made of it by name or by a cast, as with CUDA's own types.
struct __half {
    unsigned short bits;
    __half() = default;
    __half(float value) {
        _Float16 rounded = (_Float16)value;
        memcpy(&bits, &rounded, 2);
    }
    operator float() const {
        _Float16 stored;
        memcpy(&stored, &bits, 2);
        return (float)stored;
    }
};
struct __nv_bfloat16 {
    unsigned short bits;
    __nv_bfloat16() = default;
    __nv_bfloat16(float value) {
        unsigned int wide;
        memcpy(&wide, &value, 4);
        if (value != value)
            bits = 0x7fff;  // what cvt.rn.bf16.f32 makes of any NaN
        else
            bits = (unsigned short)((wide + 0x7fffu + ((wide >> 16) & 1u)) >> 16);
    }
    operator float() const {
        unsigned int wide = (unsigned int)bits << 16;
        float value;
        memcpy(&value, &wide, 4);
        return value;
    }
};
typedef __half half;
typedef __nv_bfloat16 nv_bfloat16;
struct alignas(4) __half2 { __half x, y; };
struct alignas(4) __nv_bfloat162 { __nv_bfloat16 x, y; };
typedef __half2 half2;
inline float __half2float(__half value) { return (float)value; }
inline __half __float2half(float value) { return __half(value); }
inline __half __float2half_rn(float value) { return __half(value); }
inline unsigned short __half_as_ushort(__half value) { return value.bits; }
inline __half __ushort_as_half(unsigned short bits) { __half h; h.bits = bits; return h; }
inline float __bfloat162float(__nv_bfloat16 value) { return (float)value; }
inline __nv_bfloat16 __float2bfloat16(float value) { return __nv_bfloat16(value); }
inline __nv_bfloat16 __float2bfloat16_rn(float value) { return __nv_bfloat16(value); }
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 value) { return value.bits; }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { __nv_bfloat16 h; h.bits = bits; return h; }
