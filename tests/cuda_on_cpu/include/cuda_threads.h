// The threads of a block. Where they wait for one another each is a fiber, which runs to its next barrier or shuffle.
#pragma once
#include <csetjmp>
#include <cstdarg>
#if defined(__x86_64__) && !CUDA_ON_CPU_UCONTEXT
#define CUDA_ON_CPU_SWITCH 1  // a change of fibers is a few instructions; elsewhere it is the C library's
#else
#include <ucontext.h>
#endif

namespace cuda_on_cpu {

enum State { READY, AT_BARRIER, AT_SHUFFLE, DONE };
constexpr int WARP = 32, MOST_THREADS = 1024, SLOT = 16;

struct Thread {
    uint3 index;
    int number;            // within the block
    State state;
    int line;              // of the barrier or shuffle that it waits at
    unsigned mask;         // of the shuffle
    unsigned met;          // who came to the last one
    int vote;              // of __syncthreads_or and its like
    alignas(16) unsigned char said[SLOT], heard[SLOT];  // what it gives to a shuffle; what all gave to the last one
#if CUDA_ON_CPU_SWITCH
    void* stack_pointer;
#else
    ucontext_t context;
#endif
};

static Thread threads[MOST_THREADS];
static Thread* now = threads;
static dim3 block_index, block_size, grid_size;
static int block_threads;
static bool fibers, failed;
static int votes_or, votes_and, votes_count;
static char message[512];
static jmp_buf plain_exit;
static unsigned char* dynamic_shared;

// -- changing from one fiber to another ----------------------------------------------------------------------------

#if CUDA_ON_CPU_SWITCH
static void* scheduler_stack;
extern "C" __attribute__((visibility("hidden"))) void cuda_on_cpu_switch(void** from, void* to);
asm(R"(
    .text
    .globl cuda_on_cpu_switch
    .hidden cuda_on_cpu_switch
    .type cuda_on_cpu_switch, @function
cuda_on_cpu_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size cuda_on_cpu_switch, .-cuda_on_cpu_switch
)");
static inline void to_scheduler() { cuda_on_cpu_switch(&now->stack_pointer, scheduler_stack); }
static inline void to_thread() { cuda_on_cpu_switch(&scheduler_stack, now->stack_pointer); }
static void begin_fiber(Thread& thread, unsigned char* stack, size_t bytes, void (*entry)()) {
    void** top = (void**)(stack + bytes);
    *--top = nullptr;
    *--top = (void*)entry;
    for (int saved = 0; saved < 6; saved++) *--top = nullptr;
    thread.stack_pointer = top;
}
#else
static ucontext_t scheduler_context;
static inline void to_scheduler() { swapcontext(&now->context, &scheduler_context); }
static inline void to_thread() { swapcontext(&scheduler_context, &now->context); }
static void begin_fiber(Thread& thread, unsigned char* stack, size_t bytes, void (*entry)()) {
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = stack;
    thread.context.uc_stack.ss_size = bytes;
    thread.context.uc_link = &scheduler_context;
    makecontext(&thread.context, entry, 0);
}
#endif

// What goes wrong ends the launch; the first complaint is the one that is told.
__attribute__((format(printf, 1, 2))) static void note(const char* text, ...) {
    if (failed) return;
    failed = true;
    va_list rest;
    va_start(rest, text);
    int used = vsnprintf(message, sizeof message, text, rest);
    va_end(rest);
    snprintf(message + used, sizeof message - used, " (block %u,%u,%u, thread %u,%u,%u)", block_index.x, block_index.y,
             block_index.z, now->index.x, now->index.y, now->index.z);
}
[[noreturn]] static void give_up() {
    if (!fibers) longjmp(plain_exit, 1);
    to_scheduler();
    __builtin_unreachable();
}

// -- waiting ------------------------------------------------------------------------------------------------------

static void barrier(int line) {
    if (!fibers) {
        note("line %d: a barrier in a kernel that was not seen to have one", line);
        give_up();
    }
    now->state = AT_BARRIER;
    now->line = line;
    to_scheduler();
}
static int barrier_vote(int line, int vote, int* result) {
    now->vote = vote;
    barrier(line);
    return *result;
}

static void shuffle_meet(int line, unsigned mask) {
    if (!fibers) {
        note("line %d: a shuffle in a kernel that was not seen to have one", line);
        give_up();
    }
    if (!(mask >> (now->number % WARP) & 1)) {
        note("line %d: the mask %08x leaves out the thread that calls", line, mask);
        give_up();
    }
    now->state = AT_SHUFFLE;
    now->line = line;
    now->mask = mask;
    to_scheduler();
}

template <class T> static T shuffle(int line, unsigned mask, T value, int lane, int from) {
    static_assert(sizeof(T) <= SLOT, "a shuffle moves at most 16 bytes");
    memcpy(now->said, &value, sizeof(T));
    Thread* first = now - lane;
    shuffle_meet(line, mask);
    Thread* source = first + from;
    if (source->number >= block_threads || !(mask >> from & 1)) {
        note("line %d: a shuffle reads lane %d, which does not take part", line, from);
        give_up();
    }
    memcpy(&value, source->heard, sizeof(T));
    return value;
}

static unsigned ballot(int line, unsigned mask, bool vote) {
    int lane = now->number % WARP;
    unsigned said = vote, result = 0;
    memcpy(now->said, &said, 4);
    Thread* first = now - lane;
    shuffle_meet(line, mask);
    for (int i = 0; i < WARP; i++)
        if (now->met >> i & 1) {
            memcpy(&said, first[i].heard, 4);
            result |= (said & 1u) << i;
        }
    return result;
}

// -- the scheduler ------------------------------------------------------------------------------------------------

// A shuffle is over when all threads of its mask that still run have come to it.
static void release_shuffles(int first) {
    for (int i = 0; i < WARP && first + i < block_threads; i++) {
        Thread& thread = threads[first + i];
        if (thread.state != AT_SHUFFLE) continue;
        unsigned mask = thread.mask;
        bool all = true;
        for (int k = 0; k < WARP && first + k < block_threads; k++) {
            Thread& other = threads[first + k];
            if (!(mask >> k & 1) || other.state == DONE) continue;
            if (other.state != AT_SHUFFLE || other.mask != mask) all = false;
        }
        if (!all) continue;
        unsigned met = 0;
        for (int k = 0; k < WARP && first + k < block_threads; k++)
            if ((mask >> k & 1) && threads[first + k].state == AT_SHUFFLE) met |= 1u << k;
        for (int k = 0; k < WARP && first + k < block_threads; k++) {
            Thread& other = threads[first + k];
            if (!(mask >> k & 1) || other.state != AT_SHUFFLE) continue;
            other.met = met;
            memcpy(other.heard, other.said, SLOT);
            other.state = READY;
        }
    }
}

static void release_barrier() {
    int line = -1;
    votes_or = 0, votes_and = 1, votes_count = 0;
    for (int i = 0; i < block_threads; i++) {
        now = threads + i;
        if (now->state != AT_BARRIER) {
            note(now->state == DONE ? "a thread ends while others wait at the barrier in line %d"
                                    : "a thread waits in a shuffle while others wait at the barrier in line %d",
                 threads[0].state == AT_BARRIER ? threads[0].line : line);
            return;
        }
        if (line >= 0 && now->line != line) {
            note("threads wait at different barriers, in lines %d and %d", line, now->line);
            return;
        }
        line = now->line;
        votes_or |= now->vote != 0;
        votes_and &= now->vote != 0;
        votes_count += now->vote != 0;
    }
    for (int i = 0; i < block_threads; i++) threads[i].state = READY;
}

static void run_fibers(bool backwards) {
    for (;;) {
        bool ran = false, all_done = true;
        for (int k = 0; k < block_threads; k++) {
            int i = backwards ? block_threads - 1 - k : k;
            if (threads[i].state == READY) {
                now = threads + i;
                to_thread();
                if (failed) return;
                ran = true;
            }
            all_done &= threads[i].state == DONE;
        }
        if (all_done) return;
        for (int first = 0; first < block_threads; first += WARP) release_shuffles(first);
        bool any_ready = false, any_barrier = false;
        int waits = 0;
        for (int i = 0; i < block_threads; i++) {
            any_ready |= threads[i].state == READY;
            any_barrier |= threads[i].state == AT_BARRIER;
            if (threads[i].state == AT_SHUFFLE) waits = i;
        }
        if (any_ready) continue;
        if (any_barrier)
            release_barrier();
        else if (!ran) {
            now = threads + waits;
            note("line %d: a shuffle waits for threads that never come to it", now->line);
        }
        if (failed) return;
    }
}

}  // namespace cuda_on_cpu

#define threadIdx (cuda_on_cpu::now->index)
#define blockIdx (cuda_on_cpu::block_index)
#define blockDim (cuda_on_cpu::block_size)
#define gridDim (cuda_on_cpu::grid_size)
#define warpSize 32

#define __syncthreads() cuda_on_cpu::barrier(__LINE__)
#define __syncthreads_or(x) cuda_on_cpu::barrier_vote(__LINE__, (x) != 0, &cuda_on_cpu::votes_or)
#define __syncthreads_and(x) cuda_on_cpu::barrier_vote(__LINE__, (x) != 0, &cuda_on_cpu::votes_and)
#define __syncthreads_count(x) cuda_on_cpu::barrier_vote(__LINE__, (x) != 0, &cuda_on_cpu::votes_count)
#define __ballot_sync(mask, x) cuda_on_cpu::ballot(__LINE__, mask, x)
#define __any_sync(mask, x) (cuda_on_cpu::ballot(__LINE__, mask, x) != 0)
#define __all_sync(mask, x) (cuda_on_cpu::ballot(__LINE__, mask, !(x)) == 0)

template <class T> static T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
    int lane = cuda_on_cpu::now->number % 32;
    return cuda_on_cpu::shuffle(__LINE__, mask, value, lane, (lane & ~(width - 1)) + (source & (width - 1)));
}
template <class T> static T __shfl_xor_sync(unsigned mask, T value, int with, int width = 32) {
    int lane = cuda_on_cpu::now->number % 32, from = lane ^ with;
    bool inside = from < (lane & ~(width - 1)) + width;
    return cuda_on_cpu::shuffle(__LINE__, mask, value, lane, inside ? from : lane);
}
template <class T> static T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32) {
    int lane = cuda_on_cpu::now->number % 32, from = lane + (int)by;
    bool inside = from < (lane & ~(width - 1)) + width;
    return cuda_on_cpu::shuffle(__LINE__, mask, value, lane, inside ? from : lane);
}
template <class T> static T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32) {
    int lane = cuda_on_cpu::now->number % 32, from = lane - (int)by;
    bool inside = from >= (lane & ~(width - 1));
    return cuda_on_cpu::shuffle(__LINE__, mask, value, lane, inside ? from : lane);
}
static inline void __syncwarp(unsigned mask = 0xffffffffu) { cuda_on_cpu::ballot(__LINE__, mask, false); }
static inline unsigned __activemask() { return 0xffffffffu; }
