"""Run as a program: `tensorboard_trainings.py LIBRARY FOLDER` trains with the TensorBoard of keras or kerasish."""

import importlib
import os
import sys

import numpy as np

SETTINGS = {
    "epochs": {},
    "batches": {"update_freq": "batch", "write_steps_per_second": True},
    "every other": {"update_freq": 2},
    "histograms": {"histogram_freq": 2, "write_images": True},
}


def main(library, folder):
    keras = importlib.import_module(library)
    x, y = np.random.default_rng(0).normal(size=(20, 3)), np.ones((20, 2))
    for name, arguments in SETTINGS.items():
        inputs = keras.Input((3,))
        model = keras.Model(inputs, keras.layers.Dense(2, kernel_initializer="ones", name="dense")(inputs))
        model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
        board = keras.callbacks.TensorBoard(os.path.join(folder, name), **arguments)
        model.fit(x, y, epochs=3, batch_size=4, validation_data=(x, y), verbose=0, callbacks=[board], shuffle=False)
    model.evaluate(x, y, verbose=0, callbacks=[keras.callbacks.TensorBoard(os.path.join(folder, "evaluation"))])


if __name__ == "__main__":
    main(*sys.argv[1:])
