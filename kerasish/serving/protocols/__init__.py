"""Bodies of requests into arrays and results into bodies, one protocol a file."""
