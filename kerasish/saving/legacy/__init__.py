"""Files of the Keras versions before 3: configs and HDF5."""
