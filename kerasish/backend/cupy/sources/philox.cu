// Philox4x64-10 (Salmon et al. 2011). A thread makes one block: four uint64, which are eight numbers, low words first.
// The numbers wanted are stretches of the stream, `each` blocks of it at most.

typedef unsigned long long u64;
typedef unsigned int u32;

__device__ u64 upper_half(u64 a, u64 b) {
    u64 a0 = a & 0xffffffffULL, a1 = a >> 32, b0 = b & 0xffffffffULL, b1 = b >> 32;
    u64 low = a0 * b0, mid = a1 * b0 + (low >> 32);
    u64 other = a0 * b1 + (mid & 0xffffffffULL);
    return a1 * b1 + (mid >> 32) + (other >> 32);
}

extern "C" __global__ void philox(u32* out, const u32* key, long long length, long long first, long long apart,
                                  long long each, long long count) {
    long long thread = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (thread >= count) return;
    long long stretch = thread / each, begin = first + stretch * apart, block = begin / 8 + thread % each;
    u64 c0 = (u64)block + 1, c1 = 0, c2 = 0, c3 = 0;
    u64 k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; ++round) {
        u64 high0 = upper_half(0xD2E7470EE14C6C93ULL, c0), low0 = 0xD2E7470EE14C6C93ULL * c0;
        u64 high1 = upper_half(0xCA5A826395121157ULL, c2), low1 = 0xCA5A826395121157ULL * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B97F4A7C15ULL;
        k1 += 0xBB67AE8584CAA73BULL;
    }
    u64 made[4] = {c0, c1, c2, c3};
    for (int i = 0; i < 8; ++i) {
        long long place = block * 8 + i - begin;
        if (place >= 0 && place < length) out[stretch * length + place] = (u32)(made[i / 2] >> (32 * (i & 1)));
    }
}
