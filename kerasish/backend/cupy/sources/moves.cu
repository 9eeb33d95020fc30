// Rows of a table to places in another array (`put` is 0), or back (1), by indices into `size` rows. A row is `words`
// words of `word` bytes, a thread moves one.

struct Job {
    char* target;
    const char* source;
    const void* indices;
    long long wide, size, words, word, put;
};

static __device__ void move_word(char* to, const char* from, long long word) {
    if (word == 16)
        *(int4*)to = *(const int4*)from;
    else if (word == 8)
        *(long long*)to = *(const long long*)from;
    else if (word == 4)
        *(int*)to = *(const int*)from;
    else if (word == 2)
        *(short*)to = *(const short*)from;
    else
        *to = *from;
}

static __device__ void moved(const Job& job, long long* refused, long long i) {
    long long number = i / job.words, at = i % job.words;
    long long row = row_of(index_at(job.indices, number, job.wide), job.size, refused, 0);
    char* to = job.target + ((job.put ? row : number) * job.words + at) * job.word;
    move_word(to, job.source + ((job.put ? number : row) * job.words + at) * job.word, job.word);
}

extern "C" __global__ void move_rows(
    char* target, const char* source, const void* indices, long long* refused, long long wide, long long size,
    long long words, long long word, long long put, long long count
) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    Job job = {target, source, indices, wide, size, words, word, put};
    if (i < count) moved(job, refused, i);
}

// Many at once: a row of `jobs` has the arguments of one, and how many words it moves, as int64.
extern "C" __global__ void move_many(const long long* jobs, long long* refused) {
    const long long* mine = jobs + blockIdx.y * 9;
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    Job job = {(char*)mine[0], (const char*)mine[1], (const void*)mine[2], mine[3], mine[4], mine[5], mine[6], mine[7]};
    if (i < mine[8]) moved(job, refused, i);
}

// Arrays side by side: a row of `parts` has where one begins, the words of a line of it, from each line to the next, and
// where they begin in a line of `out`, which has `width` words.
extern "C" __global__ void join_parts(char* out, const long long* parts, long long lines, long long width, long long word) {
    const long long* mine = parts + blockIdx.y * 4;
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= lines * mine[1]) return;
    long long line = i / mine[1], at = i % mine[1];
    move_word(out + (line * width + mine[3] + at) * word, (const char*)mine[0] + (line * mine[2] + at) * word, word);
}
