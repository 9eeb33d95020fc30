"""Layers models of TensorFlow.js: a `model.json` and shards of bare numbers beside it."""
