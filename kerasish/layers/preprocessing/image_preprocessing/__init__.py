"""Layers that change pictures, and what belongs to them: labels, boxes and masks."""
