// Values of a grid (batch, space..., CHANNELS) at points between its own. A thread makes one channel of one point.
// T: type of the values; P: of the places; AXES: of space; ORDER: 0 or 1; MODE: 0 constant, 1 nearest, 2 wrap,
// 3 mirror, 4 reflect. Places are (AXES, batch, points).

#define FARTHEST 1e9

__device__ long long folded(long long index, long long size, bool* inside) {
    if (MODE == 2) {
        index %= size;
        return index < 0 ? index + size : index;
    }
    if (MODE >= 3) {
        long long period = MODE == 4 ? 2 * size : (size > 1 ? 2 * size - 2 : 1);
        long long last = MODE == 4 ? 2 * size - 1 : period;
        index %= period;
        if (index < 0) index += period;
        if (last - index < index) index = last - index;
        return index < size - 1 ? index : size - 1;
    }
    long long kept = index < 0 ? 0 : (index > size - 1 ? size - 1 : index);
    if (MODE == 0 && kept != index) *inside = false;
    return kept;
}

extern "C" __global__ void sample(
    T* out, const T* x, const P* places, const long long* space, T fill, long long batch, long long points,
    long long channels, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    long long channel = i % channels, point = i / channels % points, image = i / channels / points;
    T total = (T)0;
    for (int corner = 0; corner < (ORDER ? 1 << AXES : 1); ++corner) {
        long long flat = image;
        bool inside = true;
        P weight = (P)1;
        for (int axis = 0; axis < AXES; ++axis) {
            P place = places[(axis * batch + image) * points + point];
            double near = place == place ? (double)place : 0.0;
            near = near > FARTHEST ? FARTHEST : (near < -FARTHEST ? -FARTHEST : near);
            long long index;
            if (ORDER) {
                int upper = corner >> (AXES - 1 - axis) & 1;
                index = (long long)floor(near) + upper;
                P above = place - (P)floor((double)place);
                weight *= upper ? above : (P)1 - above;
            } else {
                double whole = floor(fabs(near) + 0.5);
                index = (long long)(near < 0 ? -whole : whole);
            }
            flat = flat * space[axis] + folded(index, space[axis], &inside);
        }
        T value = inside ? x[flat * channels + channel] : fill;
        if (ORDER) {
            total += (T)(value * weight);
        } else {
            total = value;
        }
    }
    out[i] = total;
}
