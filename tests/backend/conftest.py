"""What tests of the engine share."""

import pytest

from kerasish.backend.compiler import sparse_rows


@pytest.fixture
def small_tables_too(monkeypatch):
    """Rows of small tables catch up as well, though to update them all takes no longer."""
    monkeypatch.setattr(sparse_rows, "_ELEMENTS_LATER", 0)
