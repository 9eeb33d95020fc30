"""keras-hub: its layers, its samplers, and backbones and tasks from small configs, without presets or text."""

import json

import keras
import keras_hub
import numpy as np
import pytest

L, M, S = keras_hub.layers, keras_hub.models, keras_hub.samplers
X = np.random.default_rng(0).standard_normal((2, 5, 8)).astype("float32")
IDS = np.array([[1, 2, 3, 4, 0], [5, 6, 0, 0, 0]], "int32")

LAYERS = {  # name: (arguments, inputs, the outputs' shape)
    "AlibiBias": ({}, (np.ones((2, 2, 5, 5), "float32"),), (2, 2, 5, 5)),
    "CachedMultiHeadAttention": ({"num_heads": 2, "key_dim": 4}, (X, X), (2, 5, 8)),
    "FNetEncoder": ({"intermediate_dim": 16}, (X,), (2, 5, 8)),
    "PositionEmbedding": ({"sequence_length": 6}, (X,), (2, 5, 8)),
    "RotaryEmbedding": ({}, (X,), (2, 5, 8)),
    "SinePositionEncoding": ({}, (X,), (2, 5, 8)),
    "TokenAndPositionEmbedding": (
        {"vocabulary_size": 9, "sequence_length": 5, "embedding_dim": 4, "mask_zero": True},
        (IDS,),
        (2, 5, 4),
    ),
    "TransformerDecoder": ({"intermediate_dim": 16, "num_heads": 2}, (X, X), (2, 5, 8)),
    "TransformerEncoder": ({"intermediate_dim": 16, "num_heads": 2, "normalize_first": True}, (X,), (2, 5, 8)),
}


@pytest.mark.parametrize("name", [name for name in LAYERS if hasattr(L, name)])
def test_layer(name):
    arguments, inputs, shape = LAYERS[name]
    layer = getattr(L, name)(**arguments)
    outputs = layer(*inputs)
    assert tuple(outputs.shape) == shape and np.isfinite(keras.ops.convert_to_numpy(outputs)).all()
    again = type(layer).from_config(layer.get_config())
    if not again.built:
        again.build(*([value.shape for value in inputs] if layer.weights else [inputs[0].shape]))
    assert [tuple(w.shape) for w in again.weights] == [tuple(w.shape) for w in layer.weights]
    symbolic = getattr(L, name)(**arguments)(*(keras.KerasTensor(v.shape, str(v.dtype)) for v in inputs))
    assert tuple(symbolic.shape) == shape


def test_masked_lm_head():
    positions = np.array([[0, 2], [1, 3]], "int32")
    assert L.MaskedLMHead(vocabulary_size=9)(X, mask_positions=positions).shape == (2, 2, 9)


@pytest.mark.parametrize(
    "sampler",
    [
        lambda: S.GreedySampler(),
        lambda: S.TopKSampler(k=3, seed=0),
        lambda: S.TopPSampler(p=0.5, seed=0),
        lambda: S.RandomSampler(seed=0),
        lambda: S.BeamSampler(num_beams=2),
        lambda: S.ContrastiveSampler(k=2, alpha=0.2),
    ],
    ids=["greedy", "top_k", "top_p", "random", "beam", "contrastive"],
)
def test_sampler(sampler):
    table = np.eye(9, k=1, dtype="float32") * 20

    def next(prompt, cache, index):
        batch = prompt.shape[0]
        here = keras.ops.take_along_axis(prompt, keras.ops.full((batch, 1), index - 1, dtype="int32"), axis=1)
        logits = keras.ops.take(keras.ops.convert_to_tensor(table), here[:, 0], axis=0)
        return logits, keras.ops.ones((batch, 4)), cache

    prompt = np.array([[1, 0, 0, 0, 0], [2, 0, 0, 0, 0]], "int32")
    cache = keras.ops.ones((2, 5))
    states = keras.ops.ones((2, 5, 4))
    found = sampler()(next=next, prompt=prompt, cache=cache, index=1, hidden_states=states)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(found), [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6]])


TEXT = {"vocabulary_size": 12, "num_layers": 2, "hidden_dim": 8, "intermediate_dim": 16}
HEADS = {**TEXT, "num_heads": 2}
GROUPED = {**TEXT, "num_query_heads": 2, "num_key_value_heads": 1}
ELECTRA = {
    **{name: value for name, value in HEADS.items() if name != "vocabulary_size"},
    "vocab_size": 12,
    "embedding_dim": 4,
    "max_sequence_length": 5,
}
BACKBONES = {
    "AlbertBackbone": {**HEADS, "embedding_dim": 4, "max_sequence_length": 5},
    "BartBackbone": {**HEADS, "max_sequence_length": 5},
    "BertBackbone": {**HEADS, "max_sequence_length": 5},
    "BloomBackbone": HEADS,
    "DebertaV3Backbone": {**HEADS, "max_sequence_length": 5, "bucket_size": 2},
    "DistilBertBackbone": {**HEADS, "max_sequence_length": 5},
    "ElectraBackbone": ELECTRA,
    "FNetBackbone": {**TEXT, "max_sequence_length": 5},
    "FalconBackbone": {
        "vocabulary_size": 12,
        "num_layers": 2,
        "num_attention_heads": 2,
        "hidden_dim": 8,
        "intermediate_dim": 32,
    },
    "GPT2Backbone": {**HEADS, "max_sequence_length": 5},
    "GPTNeoXBackbone": {**HEADS, "max_sequence_length": 5, "rotary_percentage": 0.5},
    "GemmaBackbone": {**GROUPED, "head_dim": 4},
    "LlamaBackbone": GROUPED,
    "MistralBackbone": {**GROUPED, "sliding_window": 4},
    "OPTBackbone": {**HEADS, "max_sequence_length": 5},
    "Phi3Backbone": GROUPED,
    "QwenBackbone": {**GROUPED, "sliding_window_size": 4},
    "RobertaBackbone": {**HEADS, "max_sequence_length": 5},
    "T5Backbone": {**HEADS},
    "XLMRobertaBackbone": {**HEADS, "max_sequence_length": 5},
}


def inputs_of(backbone):
    made = {"token_ids": IDS, "padding_mask": (IDS != 0).astype("int32"), "segment_ids": np.zeros_like(IDS)}
    return {layer: made[layer.split("coder_")[-1]] for layer in backbone.input}


@pytest.mark.parametrize("name", [name for name in BACKBONES if hasattr(M, name)])
def test_backbone(name, tmp_path):
    keras.utils.set_random_seed(0)
    backbone = getattr(M, name)(**BACKBONES[name])
    inputs = inputs_of(backbone)
    outputs = backbone(inputs)
    flat = keras.tree.flatten(outputs)
    assert all(np.isfinite(keras.ops.convert_to_numpy(value)).all() for value in flat)
    path = str(tmp_path / "model.keras")
    backbone.save(path)
    again = keras.saving.load_model(path)
    for one, other in zip(flat, keras.tree.flatten(again(inputs))):
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(one), keras.ops.convert_to_numpy(other), rtol=1e-4, atol=1e-5
        )


def all_of(layer):
    """A layer and every layer within it that computes in its policy."""
    skipped = (keras.layers.InputLayer, keras.layers.Softmax)
    return [one for one in layer._flatten_layers() if not isinstance(one, skipped)]


@pytest.mark.parametrize("name", [*LAYERS, *(name for name in BACKBONES if hasattr(M, name))])
def test_configs_go_to_text_and_back(name):
    made = getattr(L, name)(**LAYERS[name][0]) if name in LAYERS else getattr(M, name)(**BACKBONES[name])
    text = json.dumps(made.get_config(), sort_keys=True)
    again = type(made).from_config(made.get_config())
    read = keras.saving.deserialize_keras_object(json.loads(json.dumps(keras.saving.serialize_keras_object(made))))
    for other in (again, read):
        assert json.dumps(other.get_config(), sort_keys=True) == text
        assert set(dir(other)) - {"__annotations__"} == set(dir(made)) - {"__annotations__"}


@pytest.mark.parametrize("policy", ["mixed_float16", "float16"])
@pytest.mark.parametrize("name", [*LAYERS, *(name for name in BACKBONES if hasattr(M, name))])
def test_half_precision(name, policy):
    policy = keras.dtype_policies.DTypePolicy(policy)
    if name in LAYERS:
        layer, inputs = getattr(L, name)(**LAYERS[name][0], dtype=policy), LAYERS[name][1]
    else:
        layer = getattr(M, name)(**BACKBONES[name], dtype=policy)
        inputs = (inputs_of(layer),)
    inputs = keras.tree.map_structure(keras.ops.convert_to_tensor, inputs)
    dtypes = [value.dtype for value in keras.tree.flatten([layer(*inputs), layer.compute_output_spec(*inputs)])]
    assert {keras.backend.standardize_dtype(dtype) for dtype in dtypes} == {policy.compute_dtype}
    weights = {keras.backend.standardize_dtype(weight.dtype) for weight in layer.weights}
    assert weights - {"int32", "uint32"} <= {policy.variable_dtype}
    for one in all_of(layer):
        assert (one.compute_dtype, one.variable_dtype) == (policy.compute_dtype, policy.variable_dtype)


@pytest.mark.parametrize("name", [name for name in BACKBONES if hasattr(M, name)])
def test_backbones_take_shorter_sequences_and_predict(name):
    backbone = getattr(M, name)(**BACKBONES[name])
    inputs = inputs_of(backbone)
    if backbone.token_embedding is not None:
        assert backbone.token_embedding(keras.ops.zeros((2, 3), dtype="int32")).shape[:2] == (2, 3)
    for length in (2, 3, 4):
        eager = backbone({name: value[:, :length] for name, value in inputs.items()})
        assert all(value.shape[1] in (length, 8) for value in keras.tree.flatten(eager) if len(value.shape) == 3)
    for one, other in zip(*map(keras.tree.flatten, (backbone(inputs), backbone.predict(inputs, verbose=0)))):
        np.testing.assert_allclose(keras.ops.convert_to_numpy(one), other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in ("AlibiBias", "TokenAndPositionEmbedding")])
def test_layers_train(name):
    arguments, inputs, shape = LAYERS[name]
    given = [keras.Input(value.shape[1:]) for value in inputs]
    model = keras.Model(given, keras.layers.Dense(1)(getattr(L, name)(**arguments)(*given)))
    model.compile("sgd", "mse")
    history = model.fit(list(inputs), np.zeros((2, 5, 1), "float32"), epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]


IMAGES = {
    "ResNetBackbone": {
        "input_conv_filters": [64],
        "input_conv_kernel_sizes": [3],
        "stackwise_num_filters": [64, 64],
        "stackwise_num_blocks": [1, 1],
        "stackwise_num_strides": [1, 2],
        "block_type": "basic_block",
        "image_shape": (32, 32, 3),
    },
    "VGGBackbone": {"stackwise_num_repeats": [1, 1], "stackwise_num_filters": [4, 8], "image_shape": (32, 32, 3)},
    "DenseNetBackbone": {"stackwise_num_repeats": [1, 1], "growth_rate": 4, "image_shape": (32, 32, 3)},
    "ViTBackbone": {
        "image_shape": (32, 32, 3),
        "patch_size": 8,
        "num_layers": 1,
        "num_heads": 2,
        "hidden_dim": 8,
        "mlp_dim": 16,
    },
}


@pytest.mark.parametrize("name", list(IMAGES))
def test_image_backbone_and_classifier(name):
    backbone = getattr(M, name)(**IMAGES[name])
    images = np.random.default_rng(0).random((2, 32, 32, 3)).astype("float32")
    assert np.isfinite(backbone.predict(images, verbose=0)).all()
    if name == "ViTBackbone":
        return  # its outputs are patches
    classifier = M.ImageClassifier(backbone=backbone, num_classes=3, preprocessor=None)
    classifier.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert np.isfinite(classifier.fit(images, np.array([0, 2]), verbose=0).history["loss"]).all()


def test_causal_language_model_learns_and_generates():
    backbone = M.GPT2Backbone(**BACKBONES["GPT2Backbone"])
    model = M.GPT2CausalLM(backbone, preprocessor=None)
    inputs = inputs_of(backbone)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), sampler="greedy")
    model.fit(inputs, IDS, verbose=0)
    found = model.generate(inputs, stop_token_ids=None)
    assert keras.ops.convert_to_numpy(found["token_ids"]).shape == (2, 5)


def test_text_classifier():
    backbone = M.BertBackbone(**BACKBONES["BertBackbone"])
    model = M.BertTextClassifier(backbone=backbone, num_classes=2, preprocessor=None)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert np.isfinite(model.fit(inputs_of(backbone), np.array([0, 1]), verbose=0).history["loss"]).all()
