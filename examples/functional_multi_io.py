"""A functional model with two inputs and two outputs, a shared layer, and losses and metrics by output name.

    python examples/functional_multi_io.py

The task is made up: two noisy measurements of a point come in; whether they are of the same point, and where it is,
come out.
"""

import numpy as np

import kerasish as keras
from kerasish import layers


def make_data(count, seed):
    """Pairs of 6-number measurements; half of the pairs belong together."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(0).standard_normal((2, 6)).astype("float32")
    place, other = rng.uniform(-1, 1, (2, count, 2)).astype("float32")
    same = rng.integers(0, 2, count)
    second = np.where(same[:, None] == 1, place, other)

    def noisy(points):
        return points @ mixing + 0.05 * rng.standard_normal((count, 6)).astype("float32")

    return {"left": noisy(place), "right": noisy(second)}, {"same": same.astype("float32")[:, None], "place": place}


def build():
    """Both measurements go through one encoder; a head judges the pair, another finds the place."""
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    encoder = keras.Sequential(
        [keras.Input((6,)), layers.Dense(32, activation="relu"), layers.Dense(16, activation="tanh")], name="encoder"
    )
    a, b = encoder(left), encoder(right)
    distance = layers.Subtract(name="difference")([a, b])
    distance = layers.Dense(16, activation="relu")(distance * distance)
    same = layers.Dense(1, activation="sigmoid", name="same")(distance)
    place = layers.Dense(2, name="place")(a)
    return keras.Model({"left": left, "right": right}, {"same": same, "place": place}, name="pairs")


def main():
    """Train, report by output, and look into the shared encoder."""
    keras.utils.set_random_seed(3)
    x, y = make_data(4000, seed=1)
    x_test, y_test = make_data(1000, seed=2)
    model = build()
    model.summary(expand_nested=True)
    model.compile(
        optimizer="adam",
        loss={"same": "binary_crossentropy", "place": "mse"},
        loss_weights={"same": 1.0, "place": 2.0},
        metrics={"same": ["accuracy"], "place": ["mae"]},
    )
    model.fit(x, y, epochs=15, batch_size=64, validation_split=0.1, verbose=2)
    results = model.evaluate(x_test, y_test, verbose=0, return_dict=True)
    print({name: round(value, 4) for name, value in results.items()})
    codes = keras.Model(model.input, model.get_layer("difference").output).predict(x_test, verbose=0)
    print(
        "difference of the codes, belonging together and not:",
        *(round(float(np.abs(codes[y_test["same"][:, 0] == k]).mean()), 3) for k in (1, 0)),
    )
    return results


if __name__ == "__main__":
    main()
