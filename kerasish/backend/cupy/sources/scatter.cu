// Rows that meet rows of a table: many may meet one, so each number is joined to its place by an atomic exchange.
// T is the type of the numbers, BITS an unsigned integer of its width (4 or 8 bytes), JOIN(a, b) what meets.

__device__ BITS as_bits(T value) {
    union { T value; BITS bits; } both;
    both.value = value;
    return both.bits;
}

__device__ T as_value(BITS bits) {
    union { T value; BITS bits; } both;
    both.bits = bits;
    return both.value;
}

extern "C" __global__ void join_rows(
    T* table, const long long* rows, const T* values, long long width, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    BITS* place = (BITS*)(table + rows[i / width] * width + i % width);
    T value = values[i];
    BITS seen = *place, wanted;
    do {
        wanted = seen;
        T there = as_value(wanted);
        seen = atomicCAS(place, wanted, as_bits(JOIN(there, value)));
    } while (seen != wanted);
}
