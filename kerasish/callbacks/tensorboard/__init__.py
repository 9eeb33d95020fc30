"""The TensorBoard callback: what is written when, and how models look in TensorBoard."""
