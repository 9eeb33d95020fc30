"""autokeras: structured data by a task, and a graph of blocks."""

import autokeras
import numpy as np

X = np.random.default_rng(0).standard_normal((32, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def test_a_graph_of_blocks_searches(tmp_path):
    inputs = autokeras.Input()
    outputs = autokeras.RegressionHead()(autokeras.DenseBlock(num_layers=1, use_batchnorm=False)(inputs))
    model = autokeras.AutoModel(inputs, outputs, directory=str(tmp_path), max_trials=2, tuner="random", seed=0)
    model.fit(X, Y, epochs=1, validation_data=(X, Y), verbose=0)
    assert model.predict(X, verbose=0).shape == (32, 1)
    assert model.export_model().output_shape == (None, 1)


def test_image_classifier_builds(tmp_path):
    images, labels = np.random.default_rng(0).random((16, 8, 8, 1)).astype("float32"), np.arange(16) % 2
    inputs = autokeras.ImageInput()
    outputs = autokeras.ClassificationHead()(autokeras.ConvBlock(num_blocks=1, num_layers=1)(inputs))
    model = autokeras.AutoModel(inputs, outputs, directory=str(tmp_path), max_trials=1, tuner="random", seed=0)
    model.fit(images, labels, epochs=1, validation_data=(images, labels), verbose=0)
    assert model.predict(images, verbose=0).shape[0] == 16
