"""`keras.mixed_precision`.

The names under which older programs know `keras.dtype_policies` and `keras.config.set_dtype_policy`.
"""

from kerasish.dtype_policies import DTypePolicy, dtype_policy, set_dtype_policy
from kerasish.optimizers import LossScaleOptimizer

__all__ = [
    "DTypePolicy",
    "LossScaleOptimizer",
    "Policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy
