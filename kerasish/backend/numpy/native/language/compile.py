"""Source -> object code for a processor, by LLVM. Imported only when a kernel is not in the cache."""

from llvmlite import binding

from kerasish.backend.numpy.native.language import mathematics
from kerasish.backend.numpy.native.language.numbers import KernelError
from kerasish.backend.numpy.native.language.translate import module_of
from kerasish.backend.numpy.native.language.vocabulary import NAMES


def translated(source, symbol="kernel", triple=""):
    """The kernel of a Source as LLVM code. Raises KernelError where there are no words for it."""
    named = {name: NAMES[value] if isinstance(value, str) else value for name, value in source.names.items()}
    return module_of(source, {**NAMES, **mathematics.NAMES, **named}, symbol, triple)


def optimized(source, symbol, machine):
    """The kernel of a Source as an LLVM module, optimized for a machine."""
    draft = translated(source, symbol, machine.triple)
    draft.data_layout = str(machine.target_data)
    module = binding.parse_assembly(str(draft))
    module.verify()
    tuning = binding.create_pipeline_tuning_options(speed_level=2)
    tuning.loop_vectorization = tuning.loop_interleaving = True
    # Unrolling beyond that makes a third more code, which takes a fifth longer to make and runs no faster.
    tuning.slp_vectorization = tuning.loop_unrolling = False
    builder = binding.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return module


def compile_kernel(source, symbol, machine, hidden=False):
    """Object code of a kernel.

    Args:
        source: the Source. symbol: the name that the code gets. machine: what it is for. hidden: whether only code that
            is linked with it sees the name.

    Raises: KernelError (a TypeError) that names the line where the source says something that the language has no words
    for.
    """
    try:
        module = optimized(source, symbol, machine)
    except RecursionError:
        raise KernelError(f"{source.filename}: functions that call themselves can't be put in place.") from None
    if hidden:
        module.get_function(symbol).visibility = "hidden"
    return machine.emit_object(module)
