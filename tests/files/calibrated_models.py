"""Run by itself: real Keras quantizes small models by GPTQ and AWQ, and saves them.

    python -m tests.files.calibrated_models FOLDER

For each case FOLDER gets `NAME.keras` as Keras 3.15 writes it, which leaves the zero points out; `NAME-whole.keras`
with them, which Keras itself opens; and in `NAME.npz` what Keras computes of it. Keras runs on NumPy: there is nothing
to compile.
"""

import os

os.environ["KERAS_BACKEND"] = "numpy"

import pathlib
import shutil
import sys
import warnings
import zipfile

import h5py
import keras
import numpy as np
from keras import layers

CASES = {  # the block, the mode, options
    "gptq_four": ("dense", "gptq", {"weight_bits": 4, "group_size": 4}),
    "gptq_eight": ("dense", "gptq", {"weight_bits": 8, "group_size": -1}),
    "gptq_ordered": ("einsum", "gptq", {"weight_bits": 4, "group_size": 3, "activation_order": True}),
    "gptq_two": ("dense", "gptq", {"weight_bits": 2, "group_size": 4}),
    "gptq_symmetric": ("einsum", "gptq", {"weight_bits": 4, "group_size": -1, "symmetric": True}),
    "awq_dense": ("dense", "awq", {"group_size": 4, "num_grid_points": 4}),
    "awq_einsum": ("einsum", "awq", {"group_size": -1, "num_grid_points": 4}),
}
BLOCKS = {
    "dense": lambda: [layers.Dense(7, "relu"), layers.Dense(8, use_bias=False)],
    "einsum": lambda: [
        layers.EinsumDense("abc,cde->abde", output_shape=(None, 2, 5), bias_axes="de"),
        layers.EinsumDense("abde,def->abf", output_shape=(None, 8)),
    ],
}


def quantized(block, mode, options):
    """A model of words whose middle is quantized."""
    keras.utils.set_random_seed(1)
    random = np.random.default_rng(0)
    words = layers.Embedding(11, 8, embeddings_initializer="normal")
    middle = keras.Sequential([keras.Input((6, 8)), *BLOCKS[block]()])
    model = keras.Sequential([keras.Input((6,), dtype="int32"), words, middle, layers.LayerNormalization()])
    model.get_quantization_layer_structure = lambda mode: {"pre_block_layers": [words], "sequential_blocks": [middle]}
    made = {"gptq": keras.quantizers.GPTQConfig, "awq": keras.quantizers.AWQConfig}[mode]
    data = [random.integers(0, 11, (1, 6)) for _ in range(8)]
    model.quantize(mode, config=made(data, lambda text: text, num_samples=8, sequence_length=6, **options))
    middle.layers[0].bias.assign(random.normal(size=middle.layers[0].bias.shape))
    return model, middle


def completed(path, whole, middle):
    """Put the zero points behind the scales, where Keras looks for them."""
    shutil.copy(path, whole)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = whole.with_suffix(".h5")
    weights.write_bytes(members["model.weights.h5"])
    with h5py.File(weights, "r+") as file:
        names = [name for name in file["layers/sequential/layers"]]
        for name, layer in zip(sorted(names), sorted(middle.layers, key=lambda layer: layer.name)):
            stored = file[f"layers/sequential/layers/{name}/vars"]
            arrays = [variable.numpy() if hasattr(variable, "numpy") else variable for variable in layer.variables]
            assert len(arrays) == len(stored) + 1
            for number, array in enumerate(arrays):
                stored.pop(str(number), None)
                stored[str(number)] = np.asarray(array)
    members["model.weights.h5"] = weights.read_bytes()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def main(folder):
    """Make all of them."""
    warnings.simplefilter("ignore")
    inputs = np.random.default_rng(2).integers(0, 11, (3, 6))
    for name, (block, mode, options) in CASES.items():
        model, middle = quantized(block, mode, options)
        path, whole = folder / f"{name}.keras", folder / f"{name}-whole.keras"
        model.save(path)
        completed(path, whole, middle)
        outputs = keras.models.load_model(whole).predict(inputs, verbose=0)
        assert np.allclose(outputs, model.predict(inputs, verbose=0), atol=1e-6)
        try:
            keras.models.load_model(path)
        except ValueError:
            opens = False
        else:
            opens = True
        np.savez(folder / f"{name}.npz", inputs=inputs, outputs=outputs, opens=opens)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
