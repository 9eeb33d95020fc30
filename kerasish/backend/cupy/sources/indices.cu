// Indices of type T as places within 0 ... size - 1; negative ones count from the end. The first that lies outside is
// noted in `refused` (whether, index, size, axis), which the host reads when it next waits for the card.

extern "C" __global__ void places(
    long long* out, const T* indices, long long* refused, long long size, long long axis, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    long long index = (long long)indices[i];
    if (index < -size || index >= size) {
        if (atomicCAS((unsigned long long*)refused, 0ULL, 1ULL) == 0ULL) {
            refused[1] = index;
            refused[2] = size;
            refused[3] = axis;
        }
        index = 0;
    }
    out[i] = index < 0 ? index + size : index;
}
