"""The mathematics of classic Keras's backend (`K.mean`, `K.dot`, ...), in terms of today's ops.

`kerasish.backend` finds the words here that `kerasish.ops` and `kerasish.random` do not have with the same name, order
of arguments and defaults. They are made of public ops, so that a model with them in it is saved as one of Keras 3.
"""
