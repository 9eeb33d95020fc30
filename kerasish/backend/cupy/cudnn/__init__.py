"""Convolutions and attention by cuDNN, through NVIDIA's frontend for it (the package `cudnn` of nvidia-cudnn-frontend).

`library` finds it, `plans` keeps what it plans for a graph, in memory and on disk, `convolution` says one of the three
convolutions as such a graph, `epilogue` a Group that follows it, and `attention` attention and its gradients.
"""
