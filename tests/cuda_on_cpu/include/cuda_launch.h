// Running a kernel over a grid, and looking at the addresses that it touches where it was compiled so.
#pragma once
#include <link.h>

namespace cuda_on_cpu {

struct Launch {  // as `module.py` lays it out
    unsigned grid[3], block[3];
    void** arguments;
    unsigned char* stacks;
    size_t stack_bytes;
    unsigned char* dynamic_shared;
    size_t shared_bytes;
    int backwards;
    size_t extents;         // how many pairs (first byte, behind the last byte) may be touched; 0: all may
    const uintptr_t* extent;
};

static Launch launch;
static uintptr_t own_low, own_high;
static bool looks;  // at addresses
alignas(16) static unsigned char given[256][64];  // arguments of up to 64 bytes; longer ones stay where they are
static void* argument[256];

template <class... P, size_t... I>
static void call(void (*kernel)(P...), std::index_sequence<I...>) {
    kernel(*(typename std::remove_cv<P>::type*)argument[I]...);
}
template <class... P> static void keep_arguments(void (*)(P...)) {
    size_t sizes[] = {sizeof(P)..., 0};
    for (size_t i = 0; i < sizeof...(P); i++) {
        argument[i] = sizes[i] > sizeof given[i] ? launch.arguments[i] : given[i];
        if (argument[i] == given[i]) memcpy(given[i], launch.arguments[i], sizes[i]);
    }
}
template <class... P> static void call(void (*kernel)(P...)) { call(kernel, std::index_sequence_for<P...>()); }

template <auto kernel> static void fiber() {
    call(kernel);
    now->state = DONE;
    to_scheduler();
}

static void place(int number) {
    Thread& thread = threads[number];
    thread.number = number;
    thread.index = {number % block_size.x, number / block_size.x % block_size.y,
                    number / block_size.x / block_size.y};
    thread.state = READY;
    thread.vote = 0;
}

template <auto kernel> static void run_block(bool waits) {
    if (!waits) {
        Thread* only = now = threads;
        for (int k = 0; k < block_threads; k++) {
            place(0);
            int number = launch.backwards ? block_threads - 1 - k : k;
            only->number = number;
            only->index = {number % block_size.x, number / block_size.x % block_size.y,
                           number / block_size.x / block_size.y};
            call(kernel);
            if (failed) return;
        }
        return;
    }
    for (int i = 0; i < block_threads; i++) {
        place(i);
        begin_fiber(threads[i], launch.stacks + i * launch.stack_bytes, launch.stack_bytes, fiber<kernel>);
    }
    run_fibers(launch.backwards);
}

static int find_own(dl_phdr_info* info, size_t, void*) {
    uintptr_t here = (uintptr_t)&launch, low = ~(uintptr_t)0, high = 0;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD) {
            uintptr_t first = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            if (first < low) low = first;
            if (first + info->dlpi_phdr[i].p_memsz > high) high = first + info->dlpi_phdr[i].p_memsz;
        }
    if (here < low || here >= high) return 0;
    own_low = low;
    own_high = high;
    return 1;
}

// All of the grid; 0, or 1 with a `message`.
template <auto kernel>
static int run(const Launch* what, bool waits, unsigned char* shared, size_t shared_bytes) {
    launch = *what;
    looks = false;
    keep_arguments(kernel);
    if (!own_low) dl_iterate_phdr(find_own, nullptr);
    grid_size = {what->grid[0], what->grid[1], what->grid[2]};
    block_size = {what->block[0], what->block[1], what->block[2]};
    block_threads = block_size.x * block_size.y * block_size.z;
    fibers = waits;
    failed = false;
    message[0] = 0;
    dynamic_shared = what->dynamic_shared;
    size_t blocks = (size_t)grid_size.x * grid_size.y * grid_size.z;
    looks = true;
    if (setjmp(plain_exit)) return 1;
    for (size_t k = 0; k < blocks; k++) {
        size_t b = launch.backwards ? blocks - 1 - k : k;
        block_index = {(unsigned)(b % grid_size.x), (unsigned)(b / grid_size.x % grid_size.y),
                       (unsigned)(b / grid_size.x / grid_size.y)};
        if (shared_bytes) memset(shared, 0xff, shared_bytes);  // NaN: what nobody wrote is not there
        if (launch.shared_bytes) memset(dynamic_shared, 0xff, launch.shared_bytes);
        run_block<kernel>(waits);
        if (failed) return 1;
    }
    return 0;
}

// The parameters of a kernel: for each its size, and p(ointer), i(nteger), u(nsigned), f(loating) or s(tructure).
template <class P> constexpr char kind() {
    if (std::is_pointer<P>::value) return 'p';
    if (std::is_floating_point<P>::value) return 'f';
    if (std::is_integral<P>::value) return std::is_signed<P>::value ? 'i' : 'u';
    return 's';
}
template <class... P> static int parameters(void (*)(P...), char* kinds, int* sizes) {
    int place = 0;
    ((kinds[place] = kind<P>(), sizes[place] = sizeof(P), place++), ...);
    return place;
}

#if CUDA_ON_CPU_CHECKED
__attribute__((no_sanitize("kernel-address", "address"))) static void touch(uintptr_t at, size_t bytes, const char* how) {
    if (!looks || failed || !launch.extents) return;
    for (size_t i = 0; i < launch.extents; i++)
        if (at >= launch.extent[2 * i] && at + bytes <= launch.extent[2 * i + 1]) return;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), shared = (uintptr_t)dynamic_shared;
    if (at >= shared && at + bytes <= shared + launch.shared_bytes) return;
    if (at >= own_low && at < own_high) return;
    if (at + 65536 > here && at < here + 65536) return;  // locals
    uintptr_t stacks = (uintptr_t)launch.stacks;
    if (at >= stacks && at < stacks + MOST_THREADS * launch.stack_bytes) return;
    size_t nearest = 0, by = ~(size_t)0;
    for (size_t i = 0; i < launch.extents; i++) {
        uintptr_t low = launch.extent[2 * i], high = launch.extent[2 * i + 1];
        size_t away = at < low ? low - at : at + bytes - high;
        if (away < by) by = away, nearest = i;
    }
    note("%s of %zu bytes outside of every array, %zu bytes from array %zu", how, bytes, by, nearest);
    give_up();
}
#endif

}  // namespace cuda_on_cpu

#if CUDA_ON_CPU_CHECKED
// What g++ calls before each access (-fsanitize=kernel-address) and at a badly aligned one (-fsanitize=alignment).
#define CUDA_TOUCH(n)                                                                                            \
    extern "C" void __asan_load##n##_noabort(uintptr_t at) { cuda_on_cpu::touch(at, n, "a load"); }           \
    extern "C" void __asan_store##n##_noabort(uintptr_t at) { cuda_on_cpu::touch(at, n, "a store"); }
#pragma GCC push_options
#pragma GCC visibility push(hidden)
CUDA_TOUCH(1)
CUDA_TOUCH(2)
CUDA_TOUCH(4)
CUDA_TOUCH(8)
CUDA_TOUCH(16)
extern "C" void __asan_loadN_noabort(uintptr_t at, size_t bytes) { cuda_on_cpu::touch(at, bytes, "a load"); }
extern "C" void __asan_storeN_noabort(uintptr_t at, size_t bytes) { cuda_on_cpu::touch(at, bytes, "a store"); }
extern "C" void __asan_handle_no_return() {}
struct cuda_misaligned { const char* file; unsigned line, column; void* type; unsigned char log_alignment, kind; };
extern "C" void __ubsan_handle_type_mismatch_v1(cuda_misaligned* data, uintptr_t at) {
    if (cuda_on_cpu::failed) return;
    cuda_on_cpu::note("line %u: an address that is no multiple of %d bytes", data->line, 1 << data->log_alignment);
    cuda_on_cpu::give_up();
}
#pragma GCC visibility pop
#pragma GCC pop_options
#undef CUDA_TOUCH
#endif

extern "C" const char* cuda_on_cpu_message() { return cuda_on_cpu::message; }

#define CUDA_ON_CPU_KERNEL(name, waits, shared, shared_bytes)                                                        \
    extern "C" int name##__run(const cuda_on_cpu::Launch* launch) {                                                   \
        int wrong = cuda_on_cpu::run<name>(launch, waits, shared, shared_bytes);                                      \
        cuda_on_cpu::looks = false;                                                                                   \
        return wrong;                                                                                                 \
    }                                                                                                                 \
    extern "C" int name##__parameters(char* kinds, int* sizes) {                                                      \
        return cuda_on_cpu::parameters(name, kinds, sizes);                                                           \
    }                                                                                                                 \
    extern "C" size_t name##__shared_bytes() { return shared_bytes; }
