// Indices of type T as places within 0 ... size - 1.

extern "C" __global__ void places(
    long long* out, const T* indices, long long* refused, long long size, long long axis, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    out[i] = row_of((long long)indices[i], size, refused, axis);
}
