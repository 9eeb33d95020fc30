"""What a word of the language is: a function that writes LLVM code."""


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
