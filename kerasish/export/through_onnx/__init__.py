"""Formats that packages of others make of a file of ONNX, where they are installed."""
