"""Groups as CUDA C: `source.py` prints them, `bind.py` gives them arrays, the device launches them.

A kernel is printed for one way in which operands lie; sizes, strides and numbers are arguments, so that one kernel
serves all shapes that are walked alike. Which thread adds up what follows from the shapes alone, so that the bits are
the same on every card and in every run.

None of this has run on a card yet. It is compiled by NVRTC for sm_80, sm_90 and sm_100 in every test run, and executed
on the CPU (`tests/cuda_on_cpu`) beside the CPU's kernels.
"""
