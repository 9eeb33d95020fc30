"""A graph as a shared library: the machine's side of `model.export(name, format="c")`.

`device.py` binds a graph to memory of a blueprint (`forms/`: what NumPy does here), `drawing.py` says what of that
memory is what and where the addresses stand, `image.py` lays it out in files, `objects.py` makes object files, and
`link.py` a library of them; `making.py` does it all. What runs in the other process is `native/kernels/library.kernel`,
beside the kernels that run here.
"""
