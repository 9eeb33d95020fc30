"""Object code -> an address to call."""

from __future__ import annotations

import ctypes
from typing import Any

from llvmlite import binding

_engines = []
# never freed: a thread may be in their code while Python comes to its end
ctypes.pythonapi.Py_IncRef(ctypes.py_object(_engines))


def target_machine() -> Any:
    """A code generator for this processor."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    features = binding.get_host_cpu_features().flatten()
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(), features=features, opt=3, reloc="pic", codemodel="jitdefault"
    )


def processor() -> str:
    """What object code depends on: name and features of the processor, and LLVM's version."""
    return f"{binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()} LLVM {binding.llvm_version_info}"


def load(code: Any, symbol: str) -> Any:
    """The address of function `symbol` of some object code, which stays in memory from now on."""
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), target_machine())
    _engines.append(engine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine.get_function_address(symbol)
