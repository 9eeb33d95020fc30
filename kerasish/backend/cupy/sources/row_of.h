// Which row of `size` an index names; negative ones count from the end. The first that lies outside is noted in
// `refused` (whether, index, size, axis), which the host reads when it next waits for the card; it stands for row 0.
static __device__ long long row_of(long long index, long long size, long long* refused, long long axis) {
    if (index < -size || index >= size) {
        if (atomicCAS((unsigned long long*)refused, 0ULL, 1ULL) == 0ULL) {
            refused[1] = index;
            refused[2] = size;
            refused[3] = axis;
        }
        return 0;
    }
    return index < 0 ? index + size : index;
}
// Index `i` of those that take `bytes` each, 4 or 8.
static __device__ long long index_at(const void* indices, long long i, long long bytes) {
    return bytes == 4 ? (long long)((const int*)indices)[i] : ((const long long*)indices)[i];
}
