"""What Keras has and a later release of kerasish brings: who asks for it is told so, by name."""

from __future__ import annotations

TYPE_CHECKING = bool()
if TYPE_CHECKING:
    from typing import Any, NoReturn

_NAMES = {  # what it is part of -> names, whatever package of Keras they are looked up in
    "quantization": """
        quantizers Quantizer QuantizedDTypePolicy QuantizedFloat8DTypePolicy Int4DTypePolicy GPTQDTypePolicy
        AWQDTypePolicy AWQConfig AbsMaxQuantizer Float8QuantizationConfig GPTQConfig Int4QuantizationConfig
        Int8QuantizationConfig QuantizationConfig quantize
    """,
    "LoRA": "enable_lora",
}
_POLICIES = ("int8_from_", "int4", "gptq/", "awq/", "float8_from_")  # how names of quantized policies begin


def comes_later(name: object) -> str:
    """The sentence that says what a name of Keras is part of and that it comes later; "" for any other name.

    Args:
        name: of a class, function, method, module or dtype policy.

    >>> comes_later("Int4DTypePolicy")
    'Quantization comes with a later release of kerasish (docs/coming-from-keras.md).'
    """
    if not isinstance(name, str):
        return ""
    part = next((part for part, names in _NAMES.items() if name in names.split()), None)
    if part is None and name.startswith(_POLICIES):
        part = "quantization"
    return f"{part[:1].upper()}{part[1:]} comes with a later release of kerasish ({_WHERE})." if part else ""


class Later:
    """An attribute of objects of Keras that comes later: an AttributeError that says so, so that `hasattr` is False."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> NoReturn:
        whose = f"{owner.__name__!r} object" if instance is not None else f"type object {owner.__name__!r}"
        raise AttributeError(f"{whose} has no attribute {self._name!r}. {comes_later(self._name)}")


_WHERE = "docs/coming-from-keras.md"
