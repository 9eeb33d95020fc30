"""What the tests of layers share."""

import sys

from tests.same_weights import same_weights_each_time as same_weights_each_time


def pytest_terminal_summary(terminalreporter):
    """How many cases each layer has, behind a run that counted them."""
    counting = sys.modules.get("tests.layers.counts")
    if counting is not None and counting.FOUND:
        terminalreporter.section("cases of layers")
        for line in counting.table(counting.FOUND):
            terminalreporter.write_line(line)
