"""The CuPy device on its stand-in."""

import pytest

from tests.backend.cupy.on_standin import standing_in


@pytest.fixture
def card():
    """The CuPy device, for one test."""
    with standing_in() as device:
        yield device
