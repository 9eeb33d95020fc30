"""What every printer of Groups asks.

Which loop computes what (`plan.py`), and which axes are walked as one (`axes.py`).

The words are each device's own: `numpy/fused` prints kernels for LLVM, `cupy/fused` CUDA C.
"""
