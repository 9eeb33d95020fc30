"""Kernels: sources in the language of `native/language/`, a family a file.

They are read and compiled, never imported.
"""
