"""Source -> object code for this processor, by LLVM. Imported only when a kernel is not in the cache."""

from llvmlite import binding

from kerasish.backend.numpy.native.language.numbers import KernelError
from kerasish.backend.numpy.native.language.translate import module_of
from kerasish.backend.numpy.native.language.vocabulary import NAMES
from kerasish.backend.numpy.native.load import target_machine


def optimized(text, function, filename, names, symbol):
    """The kernel as an LLVM module, and the machine it is for."""
    named = {name: NAMES[value] if isinstance(value, str) else value for name, value in names.items()}
    machine = target_machine()
    draft = module_of(text, function, filename, {**NAMES, **named}, symbol)
    draft.triple, draft.data_layout = machine.triple, str(machine.target_data)
    module = binding.parse_assembly(str(draft))
    module.verify()
    tuning = binding.create_pipeline_tuning_options(speed_level=2)
    tuning.loop_vectorization = tuning.loop_interleaving = True
    # Unrolling beyond that makes a third more code, which takes a fifth longer to make and runs no faster.
    tuning.slp_vectorization = tuning.loop_unrolling = False
    builder = binding.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return module, machine


def compile_kernel(text, function, filename, names, symbol):
    """Object code of a kernel.

    Args:
        text: the source. function: the name of the kernel in it. filename: for messages. names: dict of further names
        the source may use, to a dtype (string) or number. symbol: the name that the code gets.

    Raises: KernelError (a TypeError) that names the line where the source says something that the language has no words
    for.
    """
    try:
        module, machine = optimized(text, function, filename, names, symbol)
    except RecursionError:
        raise KernelError(f"{filename}: functions that call themselves can't be put in place.") from None
    return machine.emit_object(module)
