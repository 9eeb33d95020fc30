"""Objects as plain data, and back: registration, serialization, catalogues of names, configs of earlier Kerases."""
