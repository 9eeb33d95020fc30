"""Pictures of models.

A layered layout (Sugiyama, Tagawa and Toda, 1981) in plain Python, drawn as SVG, or handed to Graphviz.
"""
