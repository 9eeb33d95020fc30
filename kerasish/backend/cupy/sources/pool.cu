// Maxima and sums over windows of (batch, 3 axes of space, channels); padding counts for nothing.
// T: type of the numbers; A: of sums. SPACE: sizes of x, COUNTS: of windows, WINDOW, STRIDES, BEFORE: three ints each.

struct Three { int at[3]; };

#define SIZES                                                                                                        \
    const int space[3] = {SPACE}, counts[3] = {COUNTS}, window[3] = {WINDOW}, strides[3] = {STRIDES};                \
    const int before[3] = {BEFORE};

// Which point (batch, a, b, c, channel) of an array with these sizes thread `i` has; the channel stands in `rest`.
__device__ Three point_of(long long i, const int* sizes, long long channels, long long* image, long long* channel) {
    Three point;
    *channel = i % channels;
    i /= channels;
    for (int axis = 2; axis >= 0; axis--) {
        point.at[axis] = i % sizes[axis];
        i /= sizes[axis];
    }
    *image = i;
    return point;
}

__device__ long long place_of(long long image, const int* at, const int* sizes, long long channels, long long channel) {
    return (((image * sizes[0] + at[0]) * sizes[1] + at[1]) * sizes[2] + at[2]) * channels + channel;
}

// The part of window `o` that lies within x.
#define WITHIN                                                                                                       \
    int first[3], last[3];                                                                                           \
    for (int axis = 0; axis < 3; axis++) {                                                                           \
        int begin = o.at[axis] * strides[axis] - before[axis], end = begin + window[axis];                           \
        first[axis] = begin < 0 ? 0 : begin;                                                                         \
        last[axis] = end > space[axis] ? space[axis] : end;                                                          \
    }

#define EACH_POINT(at, first, last)                                                                                  \
    for (at[0] = first[0]; at[0] < last[0]; at[0]++)                                                                 \
        for (at[1] = first[1]; at[1] < last[1]; at[1]++)                                                             \
            for (at[2] = first[2]; at[2] < last[2]; at[2]++)

extern "C" __global__ void max_pool(T* out, const T* x, T lowest, long long channels, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x, image, channel;
    if (i >= count) return;
    SIZES
    Three o = point_of(i, counts, channels, &image, &channel);
    WITHIN
    T most = lowest;
    int at[3];
    EACH_POINT(at, first, last) {
        T value = x[place_of(image, at, space, channels, channel)];
        most = most != most ? most : (value > most || value != value) ? value : most;
    }
    out[i] = most;
}

extern "C" __global__ void sum_pool(T* out, const T* x, long long channels, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x, image, channel;
    if (i >= count) return;
    SIZES
    Three o = point_of(i, counts, channels, &image, &channel);
    WITHIN
    A total = 0;
    int at[3];
    EACH_POINT(at, first, last) total += (A)x[place_of(image, at, space, channels, channel)];
    out[i] = (T)total;
}

// What lies in h where x has the window's first maximum y.
extern "C" __global__ void max_pool_gather(
    T* out, const T* x, const T* y, const T* h, long long channels, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x, image, channel;
    if (i >= count) return;
    SIZES
    Three o = point_of(i, counts, channels, &image, &channel);
    WITHIN
    T found = 0;
    bool seen = false;
    int at[3];
    EACH_POINT(at, first, last) {
        long long place = place_of(image, at, space, channels, channel);
        if (!seen && x[place] == y[i]) {
            found = h[place];
            seen = true;
        }
    }
    out[i] = found;
}

// Windows that do not overlap: each hands what arrives for it to its first maximum. `out` holds zeros.
extern "C" __global__ void max_pool_spread(
    T* out, const T* x, const T* y, const T* g, long long channels, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x, image, channel;
    if (i >= count) return;
    SIZES
    Three o = point_of(i, counts, channels, &image, &channel);
    WITHIN
    bool seen = false;
    int at[3];
    EACH_POINT(at, first, last) {
        long long place = place_of(image, at, space, channels, channel);
        if (!seen && x[place] == y[i]) {
            out[place] = g[i];
            seen = true;
        }
    }
}

// The windows that point `p` of x lies in.
#define WINDOWS_OF                                                                                                   \
    int low[3], high[3];                                                                                             \
    for (int axis = 0; axis < 3; axis++) {                                                                           \
        int to = p.at[axis] + before[axis], from = to - window[axis] + 1;                                            \
        low[axis] = from <= 0 ? 0 : (from + strides[axis] - 1) / strides[axis];                                      \
        high[axis] = to / strides[axis] + 1 > counts[axis] ? counts[axis] : to / strides[axis] + 1;                  \
    }

extern "C" __global__ void sum_pool_gradient(T* out, const T* g, long long channels, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x, image, channel;
    if (i >= count) return;
    SIZES
    Three p = point_of(i, space, channels, &image, &channel), o;
    WINDOWS_OF
    A total = 0;
    EACH_POINT(o.at, low, high) total += (A)g[place_of(image, o.at, counts, channels, channel)];
    out[i] = (T)total;
}

// Windows that overlap: each point of x adds up what arrives for the windows whose first maximum it is.
extern "C" __global__ void max_pool_gradient(
    T* out, const T* x, const T* y, const T* g, long long channels, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x, image, channel;
    if (i >= count) return;
    SIZES
    Three p = point_of(i, space, channels, &image, &channel), o;
    WINDOWS_OF
    T mine = x[i];
    A total = 0;
    EACH_POINT(o.at, low, high) {
        long long of = place_of(image, o.at, counts, channels, channel);
        if (mine != y[of]) continue;
        WITHIN
        bool is_first = true;
        int at[3];
        EACH_POINT(at, first, last) {
            long long place = place_of(image, at, space, channels, channel);
            if (place < i && x[place] == mine) is_first = false;
        }
        if (is_first) total += (A)g[of];
    }
    out[i] = (T)total;
}
