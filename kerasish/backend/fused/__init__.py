"""What every printer of Groups asks.

Which loop computes what (`plan.py`), which axes are walked as one (`axes.py`), and by what name a value is known while
a kernel is printed (`values.py`).

The words are each device's own: `numpy/fused` prints kernels for LLVM, `cupy/fused` CUDA C.
"""
