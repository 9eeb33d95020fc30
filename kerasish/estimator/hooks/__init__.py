"""What runs beside the steps of an Estimator, a hook a file."""
