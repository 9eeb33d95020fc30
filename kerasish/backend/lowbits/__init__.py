"""Numbers of few bits: bfloat16 and float16 in two bytes, float8 in one. What devices share of how they are computed.

`widening.py` has the rule: they are stored so, and computed in float32.
"""
