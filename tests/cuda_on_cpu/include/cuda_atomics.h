// Atomics (one thread runs at a time, so they are plain), fences, and loads by name.
#pragma once

template <class T> static T atomicAdd(T* at, typename std::common_type<T>::type value) {
    T old = *at;
    *at = (T)(old + value);
    return old;
}
template <class T> static T atomicSub(T* at, typename std::common_type<T>::type value) {
    T old = *at;
    *at = (T)(old - value);
    return old;
}
template <class T> static T atomicMax(T* at, typename std::common_type<T>::type value) {
    static_assert(std::is_integral<T>::value, "CUDA has atomicMax for integers only");
    T old = *at;
    if (value > old) *at = value;
    return old;
}
template <class T> static T atomicMin(T* at, typename std::common_type<T>::type value) {
    static_assert(std::is_integral<T>::value, "CUDA has atomicMin for integers only");
    T old = *at;
    if (value < old) *at = value;
    return old;
}
template <class T> static T atomicOr(T* at, typename std::common_type<T>::type value) {
    T old = *at;
    *at = old | value;
    return old;
}
template <class T> static T atomicAnd(T* at, typename std::common_type<T>::type value) {
    T old = *at;
    *at = old & value;
    return old;
}
template <class T> static T atomicXor(T* at, typename std::common_type<T>::type value) {
    T old = *at;
    *at = old ^ value;
    return old;
}
template <class T> static T atomicExch(T* at, typename std::common_type<T>::type value) {
    T old = *at;
    *at = value;
    return old;
}
template <class T>
static T atomicCAS(T* at, typename std::common_type<T>::type expected, typename std::common_type<T>::type value) {
    static_assert(std::is_integral<T>::value, "CUDA has atomicCAS for integers only");
    T old = *at;
    if (old == expected) *at = value;
    return old;
}
static inline unsigned atomicInc(unsigned* at, unsigned most) {
    unsigned old = *at;
    *at = old >= most ? 0 : old + 1;
    return old;
}
static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __threadfence_system() {}
template <class T> static T __ldg(const T* at) { return *at; }
template <class T> static T __ldcs(const T* at) { return *at; }
template <class T> static T __ldcg(const T* at) { return *at; }
template <class T> static void __stcs(T* at, T value) { *at = value; }
template <class T> static void __stcg(T* at, T value) { *at = value; }
[[noreturn]] static inline void __trap() {
    cuda_on_cpu::note("__trap()");
    cuda_on_cpu::give_up();
}
