"""Train on handwritten digits in several processes, each on its share of every batch.

    mpiexec -n 2 python examples/data_parallel.py

`pip install "kerasish[mpi]"` (in a clone `pip install ".[mpi]"`) brings MPI. Started without `mpiexec` it trains in one
process, to the same numbers: two lines make the difference. The first process alone prints, and writes `digits.keras`
into the current folder.
"""

import numpy as np

import kerasish as keras
from kerasish import layers
from kerasish.datasets import digits

keras.distribution.initialize()  # the first line
keras.distribution.set_distribution(keras.distribution.DataParallel())  # the second

keras.utils.set_random_seed(1)
(x_train, y_train), (x_test, y_test) = digits.load_data()
x_train, x_test = (np.expand_dims(x, -1).astype("float32") / 16 for x in (x_train, x_test))

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.BatchNormalization(momentum=0.9, synchronized=True),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    x_train,
    y_train,
    batch_size=64,  # of all processes together: each computes its share of these rows
    epochs=5,
    verbose=2,
    validation_data=(x_test, y_test),
    callbacks=[keras.callbacks.ModelCheckpoint("digits.keras")],
)
results = model.evaluate(x_test, y_test, verbose=0, return_dict=True)
if keras.distribution.distribution().data_shard_id == 0:
    processes = keras.distribution.get_device_count()
    print(f"processes: {processes}  loss: {results['loss']:.5f}  accuracy: {100 * results['accuracy']:.2f}%")
