"""Forecast when a nerve cell fires next, from its voltage until now.

    python examples/timeseries_forecast.py

The recording comes with matplotlib: a current makes the cell fire about forty times, regularly at first. A convolution
and a GRU read the last two beats and forecast the next. They learn from the first three quarters and are judged by the
last, in which the cell has lost its rhythm, beside forecasts that repeat the last point. Writes
`timeseries_forecast.png`: forecasts beside what came, and the error by distance. Needs matplotlib.
"""

import numpy as np
from matplotlib import pyplot

import kerasish as keras
from kerasish import layers

SEEN, AHEAD = 64, 24


def recording():
    """The voltage while the current flows, every fifth point, about 0 and of variance 1: (1900,)."""
    from matplotlib import cbook

    with cbook.get_sample_data("membrane.dat") as file:
        voltage = np.frombuffer(file.read(), "float32")[1500:11000:5]
    return (voltage - voltage.mean()) / voltage.std()


def windows(values):
    """Every SEEN points (n, SEEN, 1), and the AHEAD that follow them (n, AHEAD)."""
    cut = np.lib.stride_tricks.sliding_window_view(values, SEEN + AHEAD)
    return cut[:, :SEEN, None], cut[:, SEEN:]


def build():
    """From a window to the points that follow, as changes from its last."""
    window = keras.Input((SEEN, 1))
    x = layers.GaussianNoise(0.05)(window)
    x = layers.Conv1D(32, 5, padding="causal", activation="relu")(x)
    x = layers.Dropout(0.2)(layers.GRU(64)(x))
    change = layers.Dense(AHEAD, kernel_initializer="zeros")(x)
    return keras.Model(window, window[:, -1] + change, name="forecast")


def errors(truth, forecast):
    """Mean absolute error for each number of points ahead."""
    return np.mean(np.abs(truth - forecast), axis=0)


def draw(values, start, forecasts, model_errors, last_errors, path):
    """Above: the held-out record, and every forecast that begins where another ends. Below: the error by distance."""
    figure, (above, below) = pyplot.subplots(2, 1, figsize=(11, 7), height_ratios=(3, 2), layout="constrained")
    above.plot(values, color="lightgray", linewidth=3, label="what came")
    for place in range(0, len(forecasts), AHEAD):
        times, label = start + place + np.arange(AHEAD), None if place else "forecast"
        above.plot(times, forecasts[place], color="tab:red", label=label)
    above.set(title="voltage, held out", xlim=(start, len(values)))
    above.legend(loc="upper right")
    for error, color, label in ((model_errors, "tab:red", "forecast"), (last_errors, "gray", "the last point again")):
        below.plot(range(1, AHEAD + 1), error, "o-", color=color, label=label)
    below.set(title="error", xlabel="points ahead", ylim=(0, None))
    below.legend()
    figure.savefig(path)


def main():
    """Train, judge beside the last point, draw."""
    keras.utils.set_random_seed(9)
    values = recording()
    cut = len(values) * 3 // 4
    x, y = windows(values[:cut])
    x_test, y_test = windows(values[cut:])
    model = build()
    model.summary()
    rate = keras.optimizers.schedules.CosineDecay(5e-3, 40 * len(x) // 32)
    model.compile(keras.optimizers.Adam(rate), "mae")
    model.fit(x, y, batch_size=32, epochs=40, validation_data=(x_test, y_test), verbose=2)

    forecasts = model.predict(x_test, verbose=0)
    model_errors, last_errors = errors(y_test, forecasts), errors(y_test, x_test[:, -1])
    draw(values, cut + SEEN, forecasts, model_errors, last_errors, "timeseries_forecast.png")
    gain = 100 * (1 - model_errors.mean() / last_errors.mean())
    print(f"held out: an error {gain:.1f}% below that of the last point; wrote timeseries_forecast.png")


if __name__ == "__main__":
    main()
