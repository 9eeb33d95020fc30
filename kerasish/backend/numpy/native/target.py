"""Processors that code is made for: this one, or one that is named."""

from __future__ import annotations

from typing import Any, NamedTuple

from kerasish.suggestions import did_you_mean


class Target(NamedTuple):
    """A processor.

    Attributes:
        name: what it is asked for by. triple, cpu, features: what LLVM calls it. has_wide_registers: whether there are
            32 registers of 64 bytes. has_float16: whether instructions convert between float16 and float32.
    """

    name: str
    triple: str
    cpu: str
    features: str
    has_wide_registers: bool
    has_float16: bool

    @property
    def machine(self) -> str:
        """The kind of processor: "x86_64" or "aarch64"."""
        return self.triple.partition("-")[0]

    def code_generator(self) -> Any:
        """What makes object files for it: code that may lie anywhere."""
        from llvmlite import binding  # an optional package

        binding.initialize_all_targets()
        binding.initialize_all_asmprinters()
        made = binding.Target.from_triple(self.triple)
        return made.create_target_machine(cpu=self.cpu, features=self.features, opt=3, reloc="pic", codemodel="default")


_NAMED = {  # cpu, features, wide registers
    "x86-64-v3": ("x86_64", "x86-64-v3", "", False),
    "x86-64-v4": ("x86_64", "x86-64-v4", "", True),
    "aarch64": ("aarch64", "generic", "+neon", False),
}


def target(name: str = "host") -> Target:
    """The Target of a name.

    Args:
        name: "host" for this processor, "x86-64-v3", "x86-64-v4" or "aarch64"; the latter for Linux.

    Raises:
        ValueError: for another name.

    Example:
        >>> from kerasish.backend.numpy.native.target import target
        >>> target("x86-64-v4").has_wide_registers
        True
    """
    if name == "host":
        return _host()
    if name not in _NAMED:
        names = ("host", *_NAMED)
        raise ValueError(
            f"`target` must be one of {', '.join(map(repr, names))}, got {name!r}.{did_you_mean(str(name), names)}"
        )
    machine, cpu, features, wide = _NAMED[name]
    return Target(name, f"{machine}-unknown-linux-gnu", cpu, features, wide, True)


def _host():
    from llvmlite import binding  # an optional package

    found = binding.get_host_cpu_features()
    triple = binding.get_default_triple()
    arm = triple.startswith(("aarch64", "arm64"))
    return Target(
        "host",
        triple,
        binding.get_host_cpu_name(),
        found.flatten(),
        bool(found.get("avx512f")),
        arm or bool(found.get("f16c")),
    )
