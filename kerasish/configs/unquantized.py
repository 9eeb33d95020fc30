"""Configs of quantized layers and of LoRA, said without: what such a layer is when its weights are floats again.

The files that Keras writes of them hold weights that are quantized, or into which LoRA's products are added already.
"""

from __future__ import annotations

from typing import Any

from kerasish.configs.eras.values import is_object

_POLICIES = (
    "QuantizedDTypePolicy",
    "QuantizedFloat8DTypePolicy",
    "Int4DTypePolicy",
    "GPTQDTypePolicy",
    "AWQDTypePolicy",
)
_ONLY_QUANTIZED = ("quantization_config", "lora_rank", "lora_alpha", "lora_weights", "gptq_unpacked_column_size")
_LAYERS = ("Dense", "EinsumDense", "Embedding", "ReversibleEmbedding")


def unquantized(config: Any) -> tuple[Any, set[str]]:
    """(config without quantization and LoRA, what was taken out: "int8", "LoRA", ...), of a model of Keras 3.

    Example:
        >>> from kerasish.configs.unquantized import unquantized
        >>> policy = {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}}
        >>> unquantized({"class_name": "Dense", "config": {"units": 2, "dtype": policy}})
        ({'class_name': 'Dense', 'config': {'units': 2, 'dtype': 'float32'}}, {'int8'})
    """
    found: set[str] = set()
    return _without(config, found), found


def _without(data, found):
    if isinstance(data, list):
        return [_without(item, found) for item in data]
    if not isinstance(data, dict):
        return data
    inner = data.get("config")
    if is_object(data) and data["class_name"] in _POLICIES and isinstance(inner, dict):
        found.add(str(inner.get("mode", "")).partition("/")[0] or data["class_name"])
        return inner.get("source_name") or "float32"
    if is_object(data) and data["class_name"] in _LAYERS and _is_builtin(data) and isinstance(inner, dict):
        if inner.get("lora_rank"):
            found.add("LoRA")
        inner = {key: value for key, value in inner.items() if key not in _ONLY_QUANTIZED}
        data = {**data, "config": inner}
    return {key: _without(value, found) for key, value in data.items()}


def _is_builtin(data):
    return str(data.get("module") or "keras").partition(".")[0] == "keras" and ">" not in str(
        data.get("registered_name")
    )
