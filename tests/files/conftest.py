"""What the tests of files share."""

import h5py
import pytest

from tests.files.hostile_hdf5 import SECRET
from tests.same_weights import same_weights_each_time as same_weights_each_time


@pytest.fixture
def secret(tmp_path):
    """A file that a hostile model would read, as bytes and as HDF5."""
    path = tmp_path / "secret"
    path.write_bytes(SECRET.tobytes())
    with h5py.File(str(path) + ".h5", "w") as file:
        file["secret"] = SECRET.reshape(4, 2)
        file["vars/0"] = SECRET.reshape(4, 2)
    return path
