"""Nodes: made by keyword, copied with changes, of two kinds."""

import copy
import pickle

import numpy as np
import pytest

import kerasish as keras
from kerasish import ops
from kerasish.backend.node import ModelNode, Node, PrimitiveNode, SourceNode
from tests.backend.compiler.harness import traced
from tests.backend.reading import assert_array_equal


def test_a_trace_has_calls_of_primitives():
    graph = traced(lambda x: ops.exp(x + 1.0), np.ones(3, "float32"))
    assert all(type(node) is PrimitiveNode and not node.is_source for node in graph.nodes)
    assert [node.order for node in graph.nodes] == [0, 1]


def test_a_model_has_calls_of_layers_and_ops():
    x = keras.Input((3,))
    y = ops.add(keras.layers.Dense(2)(x), 1.0)
    model = keras.Model(x, y)
    assert type(x.node) is SourceNode and x.node.is_source and x.node.outputs[0] is x
    nodes = model._graph.nodes
    assert [type(node) for node in nodes] == [ModelNode, ModelNode] and not any(node.is_source for node in nodes)
    assert nodes[0].args[0] is x and nodes[0].kwargs == {} and nodes[0].structure is nodes[0].outputs[0]


def test_replace():
    (node,) = traced(lambda x: ops.exp(x), np.ones(3, "float32")).nodes
    other = node.replace(inputs=[], scope="dense")
    assert (other.inputs, other.scope) == ([], "dense") and type(other) is PrimitiveNode
    assert other.operation is node.operation and other.outputs is node.outputs and len(node.inputs) == 1
    with pytest.raises(TypeError, match="PrimitiveNode has no structure; it has .*attributes"):
        node.replace(structure=None)


def test_by_keyword_only():
    for cls in (PrimitiveNode, ModelNode):
        with pytest.raises(TypeError):
            cls(None, [], {})
        assert issubclass(cls, Node)


def test_copies_and_pickles():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    x = np.ones((1, 3), "float32")
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        node = again.layers[0]._inbound_nodes[0]
        assert type(node) is ModelNode and node.operation is again.layers[0]
        assert_array_equal(again(x), model(x))
