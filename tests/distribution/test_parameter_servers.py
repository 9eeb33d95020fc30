"""Asynchronous parameter servers on one-sided MPI."""

import pytest

from kerasish.distribution.parameter_servers import ParameterServers
from tests.ranks import run_ranks


@pytest.mark.parametrize(("count", "servers", "staleness"), [(2, 1, 0), (4, 2, 3)])
def test_workers_train_by_servers(count, servers, staleness):
    said = run_ranks(count, "tests/distribution/served.py", str(servers), str(staleness))
    assert said.count("worker") == count - servers and said.count("ps") == servers, said


def test_a_process_alone_has_nobody_to_work():
    with pytest.raises(ValueError, match="at least one of 1 ranks to work, got 1"):
        ParameterServers()
