"""What the attacks share: a count of strikes, told at the end of the run, and kernels in a folder of their own."""

import collections

import pytest


@pytest.fixture
def strikes(record_property):
    """`strikes("kills", whole=30)` counts what came of an attack."""

    def count(attack, **outcomes):
        record_property("strikes", (attack, outcomes))

    return count


@pytest.fixture(autouse=True)
def own_kernels(tmp_path_factory, monkeypatch):
    """Random programs leave thousands of kernels behind."""
    monkeypatch.setenv("KERASISH_CACHE_DIR", str(tmp_path_factory.getbasetemp()))


def pytest_terminal_summary(terminalreporter):
    told = collections.defaultdict(collections.Counter)
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties if report.when == "call" else ():
            if name == "strikes":
                told[value[0]].update(value[1])
    for attack, outcomes in sorted(told.items()):
        said = (f"{number:,} {outcome.replace('_', ' ')}" for outcome, number in outcomes.items())
        terminalreporter.write_line(f"{attack}: {', '.join(said)}")
