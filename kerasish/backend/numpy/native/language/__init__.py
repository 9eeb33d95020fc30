"""The language of kernels: a small part of Python, with C's numbers, made LLVM code of.

`numbers.py` has its types and arithmetic, `words.py` the functions that a kernel may call, `translate.py` goes through
the source. `docs/architecture.md`
says why this is not numba: a kernel is compiled in a tenth of the time, and nothing ties us to NumPy's version.
"""
