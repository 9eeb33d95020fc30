"""The header of a library: its functions, with the shapes that they take."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

_TYPES = {
    "float32": "float", "float64": "double", "float16": "uint16_t", "bfloat16": "uint16_t", "int8": "int8_t",
    "int16": "int16_t", "int32": "int32_t", "int64": "int64_t", "uint8": "uint8_t", "uint16": "uint16_t",
    "uint32": "uint32_t", "uint64": "uint64_t", "bool": "uint8_t",
}  # fmt: skip
_CODES = (  # in the order of native/kernels/library.kernel
    ("OK", "all went well"),
    ("NULL_POINTER", "a pointer is NULL"),
    ("BAD_SHAPE", "an array has another size, shape or dtype than any function here takes"),
    ("NO_MEMORY", "the system has no memory, or no threads, for a context"),
    ("BUSY", "another thread computes in this context"),
    ("BAD_INDEX", "an index is beyond what it points into; the outputs are not written"),
    ("BAD_THREADS", "the number of threads must be from 1 to 1024"),
    ("NO_WEIGHTS", "the file of weights can't be read, or belongs to another library"),
    ("BAD_CONTEXT", "this is no context"),
)


class Argument(NamedTuple):
    """An array that a function takes or fills."""

    name: str
    dtype: str
    shape: tuple[int, ...]


class Function(NamedTuple):
    """A function of the library: the end of its name, and its arrays."""

    end: str
    inputs: Sequence[Argument]
    outputs: Sequence[Argument]


def header(
    name: str, model: str, functions: Sequence[Function], weights: str | None, threads: int, dtypes: Sequence[str]
) -> str:
    """The text of `name`.h.

    Args:
        name: that functions begin with. model: the model's name. functions: one for each signature. weights: the name
            of the file of weights; None where they are in the library. threads: the most that help. dtypes: in the
            order of their codes.
    """
    big, path = name.upper(), ", const char *weights" if weights else ""
    codes = "\n".join(f"#define {big}_{code} {place} /* {text} */" for place, (code, text) in enumerate(_CODES))
    words = "\n".join(f"#define {big}_{dtype.upper()} {place}" for place, dtype in enumerate(dtypes))
    said = "\n".join(f'        case {big}_{code}: return "{text}";' for code, text in _CODES)
    of_weights = f" `weights` is the path of {weights}." if weights else ""
    return f"""/* The model {model!r} as a library, written by kerasish. Link with -l{name}.
 *
 * Arrays are in row-major order, the last axis fastest; halves are given by their bits. Every function returns
 * {big}_OK or what is wrong; {name}_error says it in words.
 */
#ifndef {big}_H
#define {big}_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

{codes}

/* What a computation needs: memory, and threads of its own. One thread may compute in a context at a time; each thread
 * may have its own. */
typedef struct {name}_context {name}_context;

/* A new context. `threads`: how many compute, the calling one among them; more than {threads} are not used. The numbers
 * that come out are the same for any.{of_weights} */
int {name}_create({name}_context **context, int threads{path});

/* End a context, in which nothing computes. It must not be used afterwards. */
int {name}_free({name}_context *context);
{"".join(map(lambda function: _declaration(name, function), functions))}
/* The same by shapes: whichever of the functions above takes arrays like these. `arrays` holds `count` of them, the
 * inputs, then the outputs; the shapes of both are given. */
{words}

typedef struct {{
    void *data;
    int64_t dtype;
    int64_t rank;
    const int64_t *shape;
}} {name}_array;

int {name}_call({name}_context *context, const {name}_array *arrays, size_t count);

/* What a code says. */
static inline const char *{name}_error(int code) {{
    switch (code) {{
{said}
        default: return "no code of this library";
    }}
}}

#ifdef __cplusplus
}}
#endif

#endif
"""


def _declaration(name, function):
    arguments = [
        *((argument, "const ") for argument in function.inputs),
        *((argument, "") for argument in function.outputs),
    ]
    width = max(len(argument.name) for argument, _ in arguments)
    lines = [
        f" *   {argument.name.ljust(width)}  {_shape(argument)}, {argument.dtype}{'' if const else ', written'}"
        for argument, const in arguments
    ]
    sizes = "\n".join(
        f"#define {name.upper()}_{function.end.upper()}_{argument.name.upper()}_SIZE {prod(argument.shape)}"
        for argument, _ in arguments
    )
    parameters = "".join(
        f",\n    {const}{_TYPES[argument.dtype]} *{argument.name}, size_t {argument.name}_size"
        for argument, const in arguments
    )
    return (
        "\n/* Compute. Each size is the number of elements, and must be that of the shape:\n"
        + "\n".join(lines)
        + f"\n */\n{sizes}\nint {name}_{function.end}({name}_context *context{parameters});\n"
    )


def _shape(argument):
    return "(" + ", ".join(map(str, argument.shape)) + ")" if argument.shape else "one number"
