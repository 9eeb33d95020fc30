"""Kernels for Groups.

Generated (`source.py` prints them, `bind.py` gives them arrays), or as ufuncs over blocks (`blocks.py`).
"""
