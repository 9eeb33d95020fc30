"""Where the arguments of the kernels in `winograd.py` stand. Strides and sizes of memory are in bytes."""

from zlib import crc32

X, X_BATCH, X_1, X_2, SIZE_1, SIZE_2, BEFORE_1, BEFORE_2, CHANNELS = range(
    9
)  # what tiles of 6 x 6 points are taken from
Y, Y_BATCH, Y_1, Y_2, COUNT_1, COUNT_2, FILTERS = range(
    9, 16
)  # what has tiles of 4 x 4 points: the output, or the gradient that arrives
TILES_1, TILES_2, BLOCK = 16, 17, 18  # tiles along the axes; rows of tiles that are done together
U, U_PLANE = 19, 20  # the transformed kernel
SCRATCH, SCRATCH_FIRST, SCRATCH_BYTES, GEMM = 21, 22, 23, 24
EPILOGUE, EPILOGUE_ARGS = 25, 26
KERNEL, PARTS = 27, 28  # transforming the kernel and its gradient; PARTS: how many sums of U there are
SLOTS = 29
LAYOUT = crc32(
    repr(sorted((name, value) for name, value in list(vars().items()) if name.isupper())).encode()
)  # kernels are compiled anew where it changes
