"""Text: lookups in vocabularies, and texts cut into words."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.export.onnx.forms.host import function
from kerasish.export.onnx.forms.reduce import over_axes
from kerasish.export.onnx.loops import scanned
from kerasish.layers.preprocessing import text_rows

_ML = "ai.onnx.ml"
_SPACES = "\t\n\r\v\f"


@function("Lookup._numbers_of", "StringLookup._numbers_of")
def numbers_of(g: Any, lookup: Any, tokens: Any) -> Any:
    """LabelEncoder; what is not in the vocabulary has the number of the unknown, or -1 where there is none."""
    lookup._check_ready()
    if lookup.num_oov_indices > 1:
        raise ValueError(
            f"{lookup.name!r} spreads unknown tokens over {lookup.num_oov_indices} numbers by a hash, which ONNX does "
            "not have. Give it `num_oov_indices=1`."
        )
    unknown = int(lookup._masked) if lookup.num_oov_indices else -1
    table = {token: lookup._first + place for place, token in enumerate(lookup._tokens)}
    if lookup.mask_token is not None:
        table.setdefault(lookup.mask_token, 0 if lookup._masked else -1)
    kind = "keys_strings" if lookup.token_dtype == "string" else "keys_int64s"
    tokens = tokens if tokens.dtype == "string" else g.cast(tokens, "int64")
    return g.op(
        "LabelEncoder",
        tokens,
        domain=_ML,
        dtype="int64",
        shape=tokens.shape,
        values_int64s=list(table.values()),
        default_int64=unknown,
        **{kind: list(table)},
    )


@function("Lookup._tokens_of")
def tokens_of(g: Any, lookup: Any, numbers: Any) -> Any:
    """LabelEncoder the other way."""
    lookup._check_ready()
    known = lookup.get_vocabulary()
    of_text = lookup.token_dtype == "string"
    return g.op(
        "LabelEncoder",
        g.cast(numbers, "int64"),
        domain=_ML,
        dtype=lookup.token_dtype,
        shape=numbers.shape,
        keys_int64s=list(range(len(known))),
        **{"values_strings" if of_text else "values_int64s": list(known)},
        **{"default_string" if of_text else "default_int64": lookup.oov_token},
    )


@function("TextVectorization._vectorized")
def vectorized(g: Any, layer: Any, texts: Any) -> Any:
    """Standardized, split, looked up; vectors are counted out of the numbers."""
    _refuse(g, layer)
    lookup, shape = layer._lookup_layer, texts.shape
    words = _standardized(g, g.reshape(texts, (g.count(shape),)), layer)
    if layer.split is None:
        words = g.reshape(words, shape)
    else:
        words = g.op("StringSplit", words, outputs=2, dtypes=("string", "int64"))[0]
        words.shape = (g.count(shape), None)
    numbers = numbers_of(g, lookup, words)
    if layer.output_mode == "int":
        numbers = numbers if layer.output_sequence_length is None else _of_length(g, numbers, layer)
        return g.cast(numbers, layer.output_dtype)
    depth = lookup._known_depth()
    marks = g.op("Equal", _behind(g, numbers), g.constant(np.arange(depth), "int64"), dtype="bool")
    marks = g.cast(_of_rank(marks, numbers.rank + 1), layer.output_dtype)
    if layer.output_mode == "one_hot":
        return marks
    bags = over_axes(g, "ReduceMax" if layer.output_mode == "multi_hot" else "ReduceSum", marks, -2, False)
    if layer.output_mode == "tf_idf":
        weights = [*lookup._idf, *[0.0] * (depth - len(lookup._idf))]
        bags = g.elementwise("Mul", _of_rank(bags, numbers.rank), g.constant(weights, bags.dtype))
    return bags


def _refuse(g, layer):
    given = {"standardize": layer.standardize, "split": layer.split, "ngrams": layer.ngrams}
    strange = callable(layer.standardize) or layer.split not in (None, "whitespace") or layer.ngrams is not None
    if strange or layer.encoding.lower() not in ("utf-8", "utf8", "ascii"):
        raise ValueError(
            f"{layer.name!r} ({', '.join(f'{name}={value!r}' for name, value in given.items())}) has no form in ONNX: "
            "it knows standard ways to standardize, split='whitespace' or None, and no n-grams. Cut the texts in the "
            "program that runs the file, and give them to a layer with `standardize=None, split=None`."
        )
    if g.opset < 20 and (layer.split is not None or _strips(layer.standardize)):
        raise ValueError(
            f"{layer.name!r} cuts texts into words, which came to ONNX with opset 20: pass `opset_version=20` or more, "
            f"got {g.opset}."
        )


def _strips(standardize):
    return standardize is not None and "strip_punctuation" in standardize


def _standardized(g, texts, layer):
    how, count = layer.standardize, texts.shape[0]
    if how is not None and how.startswith("lower"):
        options = {"case_change_action": "LOWER", "is_case_sensitive": 1, "locale": "C"}  # of ASCII's letters alone
        texts = g.op("StringNormalizer", texts, dtype="string", shape=texts.shape, **options)
    marks = dict.fromkeys(text_rows.PUNCTUATION.decode(), "") if _strips(how) else {}
    if layer.split is not None:
        marks.update(dict.fromkeys(_SPACES, " "))  # onnxruntime splits at blanks alone
    if not marks:
        return texts
    texts = g.op("Concat", texts, g.constant(["x"], "string"), axis=0, shape=(count + 1,))  # one that has pieces
    for mark, by in marks.items():
        texts = _replaced(g, texts, mark, by)
    return g.op("Slice", texts, *map(g.vector, ([0], [-1], [0])), shape=(count,))


def _replaced(g, texts, mark, by):
    """Texts with `by` in place of a character: cut where it stands, and the pieces put together again."""
    pieces = g.op("StringSplit", texts, delimiter=mark, outputs=2, dtypes=("string", "int64"))[0]
    pieces.shape = (*texts.shape, None)
    nothing = g.op("Expand", g.constant("", "string"), g.vector(texts.shape), dtype="string", shape=texts.shape)

    def join(inner, carried, slices):
        before = carried[0]
        if by:  # the first piece has a space in front, short rows some behind, which separate nothing
            before = inner.op("StringConcat", before, inner.constant(by, "string"), shape=texts.shape)
        return [inner.op("StringConcat", before, slices[0], shape=texts.shape)], []

    return scanned(g, join, [nothing], [pieces], None, axis=1)[0][0]


def _of_length(g, numbers, layer):
    """Cut, or filled up with 0, to the length that is asked for."""
    length = layer.output_sequence_length
    room = [0] * (2 * numbers.rank)
    room[-1] = length  # as many more as there may be missing, and then cut
    filled = g.op("Pad", numbers, g.constant(room, "int64"), g.constant(0, "int64"))
    last = numbers.rank - 1
    shape = (*numbers.shape[:-1], length)
    return g.op("Slice", filled, *map(g.vector, ([0], [length], [last])), shape=shape)


def _behind(g, numbers):
    return g.op("Unsqueeze", numbers, g.constant([-1], "int64"))


def _of_rank(value, rank):
    if value.shape is None:
        value.shape = (None,) * rank
    return value
