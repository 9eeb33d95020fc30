"""Models and weights in files: every format, read and written whole or not at all."""
