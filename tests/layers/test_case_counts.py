"""No public layer has fewer than four cases in the tables."""

from tests.layers.counts import count_cases, layer_names


def test_every_layer_has_four_cases():
    counts = count_cases()
    few = {name: counts[name] for name in layer_names() if counts[name] < 4}
    assert not few, f"give them more rows in a table of tests/layers: {few}"
