"""Things of Keras that are not public, but that packages use; `private_names.py` says under which paths."""
