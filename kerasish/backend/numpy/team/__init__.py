"""The thread team: one owner of the threads that a Program's steps are shared among.

`count.py` says how many workers there are, `blas.py` keeps BLAS to one thread meanwhile, `crew.py` holds the threads,
`assemble.py` makes one callable of a Program's steps.
"""

from kerasish.backend.numpy.team.assemble import assemble
from kerasish.backend.numpy.team.count import set_size, size

__all__ = [
    "assemble",
    "set_size",
    "size",
]
