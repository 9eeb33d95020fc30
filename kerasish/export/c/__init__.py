"""Models as libraries for C: `api.py` is `model.export(name, format="c")`, `header.py` writes what C includes.

What a library is made of is the business of `backend/numpy/library`.
"""
