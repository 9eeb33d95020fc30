"""Where the arguments of the kernels in `conv.py` stand. All strides and sizes of memory are in bytes."""

from zlib import crc32

X, X_BATCH, X_0, X_1, X_2 = 0, 1, 2, 3, 4  # address and strides
SIZE_0, SIZE_1, SIZE_2 = 5, 6, 7
COUNT_0, COUNT_1, COUNT_2 = 8, 9, 10  # of windows
STRIDE_0, STRIDE_1, STRIDE_2 = 11, 12, 13
BEFORE_0, BEFORE_1, BEFORE_2 = 14, 15, 16  # padding
DILATION_0, DILATION_1, DILATION_2 = 17, 18, 19
WINDOW_1, WINDOW_2 = 20, 21  # lines along axes 1 and 2 (the last is 1 where a line holds all places along it)
PLACES, PLACE = 22, 23  # of a line: how many, and bytes of one
DIRECT = 24  # rows of the matrix are rows of x: bytes from one to the next, else 0
B, B_GROUP, LDB, TRANSPOSED = 25, 26, 27, 28
PARTS, PART, PART_TABLE = (
    29,
    30,
    31,
)  # the columns are multiplied part by part: how many, bytes of one, address of the place in B of each
COLUMNS = 32  # bytes of a row
GROUPS, X_GROUP, FILTERS = 33, 34, 35  # FILTERS: of one group
OUT, LDC = 36, 37
OUT_BATCH, OUT_0, OUT_1, OUT_2 = (
    38,
    39,
    40,
    41,
)  # strides where the rows of the output are not evenly spaced, then LDC is 0
ROWS, TILE, BY_COLUMNS = 42, 43, 44
SCRATCH, SCRATCH_BYTES, SCRATCH_OUT = 45, 46, 47  # of one worker; where in it a tile of the output lies
GEMM, ITEM = 48, 49
EPILOGUE, EPILOGUE_ARGS = 50, 51
PARTIALS = 52  # kernel gradient: from SCRATCH to the first worker's own sum; 0: none
WINDOW_0, CHANNELS = 53, 54  # the kernels of channels.py
SPAN = 55  # direct convolutions: bytes of a line of x that is copied with its padding; 0: read where it lies
SLOTS = 56
LAYOUT = crc32(
    repr(sorted((name, value) for name, value in list(vars().items()) if name.isupper())).encode()
)  # kernels are compiled anew where it changes
