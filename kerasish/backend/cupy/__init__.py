"""The GPU device: arrays are `cupy.ndarray`, kernels are CuPy calls, cuBLAS and CUDA C of our own."""
