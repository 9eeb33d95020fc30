"""kerasish beside Keras on TensorFlow, JAX and PyTorch. Start with `compare.py`."""
