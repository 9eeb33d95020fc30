"""What a kernel can call: a word of the language, which writes LLVM code, or a function whose code is put in place."""


class Word:
    """A function that kernels may call.

    Args:
        name: string. emit: function `(translator, *values) -> Value or None`; `translator.builder` is LLVM's builder.
        pure: bool, whether it may be computed where its result is not needed.
    """

    def __init__(self, name, emit, pure=False):
        self.name = name
        self.emit = emit
        self.pure: bool = pure

    def __repr__(self):
        return self.name


class Inlined:
    """A function of a kernel's file: its syntax, and the names it sees."""

    def __init__(self, syntax, names):
        self.syntax, self.names = syntax, names
        self.__name__ = syntax.name
