"""Scan: tracing its body, moving work out of the loop, and its gradient."""
