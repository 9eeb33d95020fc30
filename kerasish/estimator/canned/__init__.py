"""Estimators that are ready: baseline, linear, deep, wide and deep, each a classifier and a regressor."""
