"""Random bits: Philox4x64-10 (Salmon et al. 2011), each block by itself, so that workers share the blocks."""


def philox(args, lo, hi, worker):
    """Units: blocks of 8 uint32.

    Arguments: target, its size in uint32, the key (two uint32: seed and counter of draws).
    """
    key, words = pointer(args[2], uint32), args[1]
    seed, draw = uint64(key[0]), uint64(key[1])
    for block in range(lo, hi):
        c0, c1, c2, c3 = uint64(block) + uint64(1), uint64(0), uint64(0), uint64(0)
        k0, k1 = seed, draw
        for _ in range(10):
            high0, low0 = multiply_high(c0, uint64(0xD2E7470EE14C6C93)), c0 * uint64(0xD2E7470EE14C6C93)
            high1, low1 = multiply_high(c2, uint64(0xCA5A826395121157)), c2 * uint64(0xCA5A826395121157)
            c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
            k0 += uint64(0x9E3779B97F4A7C15)
            k1 += uint64(0xBB67AE8584CAA73B)
        first = block * 8
        if first + 8 <= words:
            out = pointer(args[0] + first * 4, uint64)
            out[0], out[1], out[2], out[3] = c0, c1, c2, c3
        else:
            rest = pointer(args[0] + first * 4, uint32)
            for i in range(words - first):
                c = c0 if i < 2 else c1 if i < 4 else c2 if i < 6 else c3
                rest[i] = uint32(c >> uint64(32)) if i % 2 else uint32(c)
