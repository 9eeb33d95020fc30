"""What is in a model or weights file, told without building the model: `python -m kerasish inspect FILE`."""

from kerasish.files.inspect.report import Report, StoredArray
from kerasish.files.inspect.sources import opened

__all__ = ["Report", "StoredArray", "opened"]
