"""Doors for programs that were written for Keras: `import keras` answered by kerasish, earlier module paths too."""

from kerasish.compat.door import close_door, open_door

__all__ = ["close_door", "open_door"]
