"""`import kerasish.compat.keras` at the top of a program: from there on `import keras` gives kerasish."""

from kerasish.compat.door import open_door

open_door()
