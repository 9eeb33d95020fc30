"""Files of TensorFlow's years, read without TensorFlow: tensor bundles, checkpoints and SavedModels of tf.keras."""
