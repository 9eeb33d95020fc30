"""Data sets read as they are needed: from folders of pictures, texts and sounds, and from windows over a series."""
