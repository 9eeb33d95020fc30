"""Models as files of ONNX.

A model is traced once, with open axes open (`tracing`). `conversion` walks from its outputs back: where an op or a
layer has an operator of ONNX's own (`calls/`) that is written, else the primitives that it is made of (`forms/`, one
entry a primitive). Both speak the words of `graph_writer`, which keeps the axes of images where ONNX wants them.
"""
