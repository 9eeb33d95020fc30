"""In which number types a layer computes and keeps its weights (`keras.dtype_policies`)."""

from kerasish.dtype_policies.dtype_policy import DTypePolicy, FloatDTypePolicy, dtype_policy
from kerasish.dtype_policies.dtype_policy_map import DTypePolicyMap
from kerasish.dtype_policies.lookup import deserialize, get, serialize, set_dtype_policy
from kerasish.lazy import says_what_is_missing

__all__ = [
    "DTypePolicy",
    "DTypePolicyMap",
    "FloatDTypePolicy",
    "deserialize",
    "dtype_policy",
    "get",
    "serialize",
    "set_dtype_policy",
]

__getattr__ = says_what_is_missing(__name__)
