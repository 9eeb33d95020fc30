"""Tell from a sentence of documentation which library it is about.

    python examples/text_classification.py                  # convolutions over words
    python examples/text_classification.py --network lstm   # or a recurrent network

The sentences are the documentation inside of four installed packages; their own names are blanked out. The model takes
text as it is: `TextVectorization` is its first layer, and is saved with it. Writes `text_classification.keras` and
`text_classification.png` (who is taken for whom). Needs `pip install pandas scikit-learn matplotlib`.
"""

import argparse
import ast
import importlib.util
import itertools
import pathlib
import re

import numpy as np
from matplotlib import pyplot

import kerasish as keras
from kerasish import layers

LIBRARIES = ("matplotlib", "numpy", "pandas", "sklearn")
NAMES = re.compile(r"\b(matplotlib|numpy|pandas|sklearn|scikit-learn|mpl|np|pd|plt)\b", re.IGNORECASE)
WORDS, LENGTH = 5000, 24


def sentences(library):
    """The sentences in a package's docstrings, read from its source: no package is imported."""
    root = pathlib.Path(importlib.util.find_spec(library).origin).parent
    for path in sorted(root.rglob("*.py")):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
                    if ">>>" not in paragraph and "---" not in paragraph:
                        yield from re.split(r"(?<=\.)\s+", " ".join(paragraph.split()))


def corpus(each=2000):
    """Different sentences of 40 to 200 letters as (texts, numbers of their libraries), in random order."""
    texts, kinds = [], []
    for kind, library in enumerate(LIBRARIES):
        fitting = (NAMES.sub("this", text) for text in sentences(library) if 40 <= len(text) <= 200)
        different = list(dict.fromkeys(itertools.islice(fitting, 2 * each)))[:each]
        texts += different
        kinds += [kind] * len(different)
    order = np.random.default_rng(0).permutation(len(texts))
    return np.array(texts)[order], np.array(kinds)[order]


def build(texts, network):
    """Text to word numbers to vectors to one of the libraries."""
    words = layers.TextVectorization(max_tokens=WORDS, output_sequence_length=LENGTH)
    words.adapt(texts)
    text = keras.Input((), dtype="string", name="text")
    x = layers.Embedding(WORDS, 48, mask_zero=network == "lstm")(words(text))
    x = layers.Dropout(0.4)(x)
    if network == "lstm":
        x = layers.Bidirectional(layers.LSTM(32))(x)
    else:
        x = layers.Conv1D(64, 3, padding="same", activation="relu")(x)
        x = layers.GlobalMaxPooling1D()(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(text, layers.Dense(len(LIBRARIES), activation="softmax")(x), name=network)


def draw(truth, guesses, path):
    """Who is taken for whom, in percent of the sentences of a library."""
    table = np.zeros((len(LIBRARIES),) * 2)
    np.add.at(table, (truth, guesses), 1)
    table = 100 * table / table.sum(axis=1, keepdims=True)
    figure, axes = pyplot.subplots(figsize=(5, 4.5), layout="constrained")
    axes.imshow(table, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.ndindex(*table.shape):
        axes.text(column, row, f"{table[row, column]:.0f} %", ha="center", color="white" if row == column else "black")
    axes.set(xlabel="taken for", ylabel="a sentence about")
    axes.set_xticks(range(len(LIBRARIES)), LIBRARIES)
    axes.set_yticks(range(len(LIBRARIES)), LIBRARIES)
    figure.savefig(path)


def main():
    """Train, judge, save, ask the saved model, draw."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--network", choices=("conv", "lstm"), default="conv")
    options = parser.parse_args()

    keras.utils.set_random_seed(1)
    texts, kinds = corpus()
    cut = len(texts) * 4 // 5
    model = build(texts[:cut], options.network)
    model.summary()
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(texts[:cut], kinds[:cut], validation_data=(texts[cut:], kinds[cut:]), batch_size=64, epochs=5, verbose=2)

    model.save("text_classification.keras")
    loaded = keras.models.load_model("text_classification.keras")
    guesses = loaded.predict(texts[cut:], verbose=0).argmax(axis=1)
    for text in ("Draw a line on the axes.", "The rows whose index is missing.", "Fit the estimator to the samples."):
        print(f"{text:<36}{LIBRARIES[loaded.predict(np.array([text]), verbose=0).argmax()]}")
    draw(kinds[cut:], guesses, "text_classification.png")
    print(
        f"held-out accuracy: {np.mean(guesses == kinds[cut:]):.1%} of {len(guesses):,}; wrote text_classification.png"
    )


if __name__ == "__main__":
    main()
