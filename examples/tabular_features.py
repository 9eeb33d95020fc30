"""Tell by a table whether a function of Python says what it does: columns prepared by kind, inside of the model.

    python examples/tabular_features.py

The table is read from Python's own standard library: a row for each function, with texts, numbers and yes-or-no; to be
predicted is whether it has a docstring. `FeatureSpace` learns ranges and vocabularies from the frame, and becomes the
first part of the model, which so takes raw columns, also when it is loaded again. Writes `tabular_features.keras` and
`tabular_features.png`: how much each column tells. Needs `pip install pandas matplotlib`.
"""

import ast
import pathlib
import sysconfig

import numpy as np
import pandas as pd
from matplotlib import pyplot

import kerasish as keras
from kerasish import layers
from kerasish.utils import FeatureSpace

PACKAGES = "asyncio concurrent ctypes email http importlib json logging multiprocessing unittest urllib xml".split()


def functions():
    """A row for each function of these packages, in random order."""
    rows = []
    for package in PACKAGES:
        for path in sorted(pathlib.Path(sysconfig.get_paths()["stdlib"], package).rglob("*.py")):
            if "test" in path.parts:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            in_class = {id(child) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for child in node.body}
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    has_text = ast.get_docstring(node) is not None
                    rows.append(
                        {
                            "package": package,
                            "begins": node.name.strip("_").split("_")[0] or "_",
                            "special": "__" if node.name.startswith("__") else "_" if node.name[0] == "_" else "public",
                            "method": int(id(node) in in_class),
                            "decorators": len(node.decorator_list),
                            "arguments": float(len(node.args.args) + len(node.args.kwonlyargs)),
                            "statements": float(sum(isinstance(part, ast.stmt) for part in ast.walk(node)) - has_text),
                            "explained": int(has_text),
                        }
                    )
    return pd.DataFrame(rows).sample(frac=1, random_state=0, ignore_index=True)


def build(frame):
    """Raw columns to the chance of a docstring."""
    space = FeatureSpace(
        {
            "package": "string_categorical",
            "begins": FeatureSpace.string_hashed(num_bins=128),
            "special": "string_categorical",
            "method": FeatureSpace.integer_categorical(num_oov_indices=0),
            "decorators": "integer_categorical",
            "arguments": "float_normalized",
            "statements": FeatureSpace.float_discretized(num_bins=12),
        },
        crosses=[("package", "special"), ("package", "method")],
        crossing_dim=48,
    )
    space.adapt(dict(frame))
    x = layers.Dense(32, activation="relu")(space.get_encoded_features())
    x = layers.Dropout(0.4)(x)
    return keras.Model(space.get_inputs(), layers.Dense(1, activation="sigmoid")(x), name="explained")


def told(model, frame, truth):
    """By column, how much less AUC there is where its values are shuffled: what nothing else tells."""

    def auc(columns):
        metric = keras.metrics.AUC()
        metric.update_state(truth, model.predict(columns, batch_size=512, verbose=0)[:, 0])
        return float(metric.result())

    whole, rng = auc(dict(frame)), np.random.default_rng(0)
    return whole, {name: whole - auc({**frame, name: rng.permutation(frame[name])}) for name in frame}


def draw(lost, path):
    """What each column tells, as bars."""
    figure, axes = pyplot.subplots(figsize=(7, 3.5), layout="constrained")
    names = sorted(lost, key=lost.get)
    axes.barh(names, [lost[name] for name in names])
    axes.set(xlabel="AUC lost without the column", title="has a function a docstring?")
    figure.savefig(path)


def main():
    """Train, save, load, ask the loaded model, draw."""
    keras.utils.set_random_seed(10)
    frame = functions()
    explained = frame.pop("explained")
    cut = len(frame) * 4 // 5
    print(frame.head())
    model = build(frame[:cut])
    model.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy", metrics=[keras.metrics.AUC(name="auc")])
    held_out = (dict(frame[cut:]), explained[cut:])
    model.fit(dict(frame[:cut]), explained[:cut], batch_size=64, epochs=10, validation_data=held_out, verbose=2)

    model.save("tabular_features.keras")
    loaded = keras.models.load_model("tabular_features.keras")
    whole, lost = told(loaded, frame[cut:], np.asarray(explained[cut:]))
    draw(lost, "tabular_features.png")
    print(f"held out: an AUC of {100 * whole:.1f}% over {len(frame) - cut:,} functions; wrote tabular_features.png")


if __name__ == "__main__":
    main()
