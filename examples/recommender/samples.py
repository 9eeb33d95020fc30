"""Data to try it with, as (ending, lines): two real data sets that scikit-learn ships, and clicks made by a rule."""

import csv
import pathlib
from typing import Any

import numpy as np


def cancer():
    """Breast cancer (UCI): 569 tumours, 30 measurements each."""
    from sklearn.datasets import load_breast_cancer

    data: Any = load_breast_cancer()
    names = [name.replace(" ", "_") for name in data.feature_names]
    return "csv", [["label", *names], *([label, *row] for label, row in zip(data.target, data.data))]


def digits():
    """Handwritten digits (UCI): 1,797 images of 64 pixels; is it 5 or more? In libsvm's format."""
    from sklearn.datasets import load_digits

    def line(label, pixels):
        return f"{int(label > 4)} " + " ".join(f"{place + 1}:{pixels[place]:g}" for place in np.flatnonzero(pixels))

    data: Any = load_digits()
    return "svm", [line(*row) for row in zip(data.target, data.data)]


def clicks(users=60, items=80, count=12_000):
    """Who clicked on what: users and items that suit each other, some items that all like, chance."""
    rng = np.random.default_rng(0)
    tastes, kinds, popular = rng.normal(size=(users, 3)), rng.normal(size=(items, 3)), rng.normal(size=items)
    user, item = rng.integers(users, size=count), rng.integers(items, size=count)
    hour, device = rng.integers(24, size=count), rng.choice(["phone", "tablet", "desktop"], size=count)
    wish = 1.5 * (tastes[user] * kinds[item]).sum(axis=1) + popular[item] + 0.5 * (device == "phone") - 1
    clicked = (rng.random(count) < 1 / (1 + np.exp(-wish))).astype(int)
    rows = zip(clicked, (f"u{number}" for number in user), (f"i{number}" for number in item), device, hour)
    return "csv", [["clicked", "user", "item", "device", "hour"], *rows]


SAMPLES = {"cancer": cancer, "clicks": clicks, "digits": digits}


def write(options):
    """Every fifth row to `validation`, the others to `train`."""
    folder = pathlib.Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    ending, lines = SAMPLES[options.name]()
    header, lines = (lines[:1], lines[1:]) if ending == "csv" else ([], lines)
    parts = {"train": [line for number, line in enumerate(lines) if number % 5], "validation": lines[::5]}
    for part, rows in parts.items():
        path = folder / f"{part}.{ending}"
        with open(path, "w", newline="") as file:
            if ending == "csv":
                csv.writer(file).writerows([*header, *rows])
            else:
                file.write("\n".join(rows) + "\n")
        print(f"wrote {path}: {len(rows):,} rows")
