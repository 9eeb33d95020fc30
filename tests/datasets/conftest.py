"""A server of files in a thread, and a cache in a temporary folder, as the tests of `get_file` have them."""

from tests.utils.conftest import cache, server

__all__ = ["cache", "server"]
