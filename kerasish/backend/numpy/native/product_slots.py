"""Where the arguments of the kernels in `products.py` stand.

Leading dimensions count elements, strides of the batch bytes.
"""

from zlib import crc32

A, B, C = 0, 1, 2
ROWS, COLUMNS, INNER = 3, 4, 5
LDA, LDB, LDC = 6, 7, 8
TRANSPOSE_A, TRANSPOSE_B = 9, 10
BATCH, A_BATCH, B_BATCH, C_BATCH = 11, 14, 17, 20  # three each: sizes, strides
ITEM, GEMM, TILE, BY_COLUMNS = 23, 24, 25, 26
EPILOGUE, EPILOGUE_ARGS = 27, 28
SLOTS = 29
LAYOUT = crc32(
    repr(sorted((name, value) for name, value in list(vars().items()) if name.isupper())).encode()
)  # kernels are compiled anew where it changes
