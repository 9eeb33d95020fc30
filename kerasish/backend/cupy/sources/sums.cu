// Sums of rows of equal index, each in one order that follows from the indices alone. T: type of the numbers; A: in
// which long sums are added up. `table`: whether a sum goes to its row of a table, or to all rows of that index.

// Few indices: a warp has one, and a column each lane; it looks through all indices, and adds up in their order.
extern "C" __global__ void sum_few(
    T* out, const T* g, const void* indices, long long* refused, long long wide, long long size, long long width,
    long long table, long long rows, long long count
) {
    long long warp = (blockIdx.x * (long long)blockDim.x + threadIdx.x) / 32, tiles = (width + 31) / 32;
    if (warp >= count / 32) return;
    int lane = threadIdx.x % 32;
    long long mine = warp / tiles, column = warp % tiles * 32 + lane, first = -1;
    long long row = row_of(index_at(indices, mine, wide), size, refused, 0);
    T sum = 0;
    for (long long begin = 0; begin < rows; begin += 32) {
        bool same = begin + lane < rows && row_of(index_at(indices, begin + lane, wide), size, refused, 0) == row;
        unsigned found = __ballot_sync(0xffffffffu, same);
        for (; found; found &= found - 1) {
            long long other = begin + __ffs(found) - 1;
            if (first < 0) first = other;
            if (column < width) sum = (T)(sum + g[other * width + column]);
        }
    }
    if (column < width && !(table && first != mine)) out[(table ? row : mine) * width + column] = sum;
}

// Whether no index before names the same row, of few.
extern "C" __global__ void first_few(
    bool* out, const void* indices, long long* refused, long long wide, long long size, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    long long row = row_of(index_at(indices, i, wide), size, refused, 0), other = 0;
    while (other < i && row_of(index_at(indices, other, wide), size, refused, 0) != row) other++;
    out[i] = other == i;
}

// Many indices: (row, number of the index) as one key each, in order. A block sorts a tile, `merge_keys` makes one run
// of each two.
#define TILE 2048

extern "C" __global__ void sort_keys(
    long long* keys, const void* indices, long long* refused, long long wide, long long size, long long count
) {
    __shared__ long long tile[TILE];
    long long begin = blockIdx.x * (long long)TILE;
    for (int t = threadIdx.x; t < TILE; t += blockDim.x) {
        long long i = begin + t;
        tile[t] = i < count ? row_of(index_at(indices, i, wide), size, refused, 0) << 32 | i : 0x7fffffffffffffffLL;
    }
    for (int length = 2; length <= TILE; length *= 2) {
        for (int stride = length / 2; stride; stride /= 2) {
            __syncthreads();
            for (int t = threadIdx.x; t < TILE / 2; t += blockDim.x) {
                int low = 2 * t - (t & (stride - 1)), high = low + stride;
                long long x = tile[low], y = tile[high];
                if ((x > y) == !(low & length)) {
                    tile[low] = y;
                    tile[high] = x;
                }
            }
        }
    }
    __syncthreads();
    for (int t = threadIdx.x; t < TILE; t += blockDim.x)
        if (begin + t < count) keys[begin + t] = tile[t];
}

// How many of the sorted keys from `low` to before `high` are smaller.
static __device__ long long smaller(const long long* keys, long long low, long long high, long long key) {
    long long begin = low;
    while (low < high) {
        long long middle = (low + high) / 2;
        if (keys[middle] < key) low = middle + 1; else high = middle;
    }
    return low - begin;
}

extern "C" __global__ void merge_keys(long long* out, const long long* keys, long long run, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    long long begin = i / (2 * run) * (2 * run), middle = begin + run < count ? begin + run : count;
    long long end = middle + run < count ? middle + run : count;
    bool left = i < middle;
    long long rank = smaller(keys, left ? middle : begin, left ? end : middle, keys[i]);
    out[begin + rank + (left ? i - begin : i - middle)] = keys[i];
}

extern "C" __global__ void first_keys(bool* out, const long long* keys, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < count) out[keys[i] & 0xffffffffLL] = i == 0 || keys[i - 1] >> 32 != keys[i] >> 32;
}

// What rows of equal index come to, from the first of them within a chunk of keys on.
extern "C" __global__ void run_sums(
    T* running, const T* g, const long long* keys, long long rows, long long width, long long chunk, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    long long begin = i / width * chunk, column = i % width, before = -1;
    A sum = 0;
    for (long long at = begin; at < begin + chunk && at < rows; at++) {
        long long key = keys[at];
        if (key >> 32 != before) sum = 0;
        before = key >> 32;
        sum += (A)g[(key & 0xffffffffLL) * width + column];
        running[at * width + column] = (T)sum;
    }
}

// The sums of the chunks, added up.
extern "C" __global__ void total_sums(
    T* out, const T* running, const long long* keys, long long rows, long long width, long long chunk, long long table,
    long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    long long at = i / width, column = i % width, row = keys[at] >> 32;
    long long head = smaller(keys, 0, rows, row << 32), tail = smaller(keys, 0, rows, (row + 1) << 32);
    if (table && at != head) return;
    A sum = 0;
    for (long long next = head; next < tail;) {
        next = (next / chunk + 1) * chunk;
        next = next < tail ? next : tail;
        sum += (A)running[(next - 1) * width + column];
    }
    out[(table ? row : keys[at] & 0xffffffffLL) * width + column] = (T)sum;
}
