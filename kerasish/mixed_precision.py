"""`keras.mixed_precision`: the names under which older programs know `keras.dtype_policies` and `keras.config.set_dtype_policy`."""

from kerasish.dtype_policies import DTypePolicy, dtype_policy, set_dtype_policy
from kerasish.optimizers import LossScaleOptimizer

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy
