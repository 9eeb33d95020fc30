"""Damaged configs are translated or refused, by ValueError alone."""

import copy
import json
import random

import pytest

from kerasish.configs.eras import modernize
from tests.configs.eras.earlier import HERE

# -- damaged configs --------------------------------------------------------------------------------------------------


def damaged(data, generator):
    """`data` with a few values replaced, removed or moved."""
    data = copy.deepcopy(data)
    for _ in range(generator.randint(1, 3)):
        places = []
        pending = [data]
        while pending:
            item = pending.pop()
            keys = list(item) if isinstance(item, dict) else range(len(item))
            places.extend((item, key) for key in keys)
            pending.extend(item[key] for key in keys if isinstance(item[key], (dict, list)))
        item, key = generator.choice(places)
        if generator.random() < 0.3 and isinstance(item, dict):
            del item[key]
        else:
            item[key] = generator.choice(
                [None, -1, "nonsense", [], {}, [["a", 0, 0]], {"class_name": "Dense", "config": None}, 1e30, True]
            )
    return data


@pytest.mark.parametrize("path", sorted(HERE.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_config_is_translated_or_refused_by_value_error(path):
    data, generator = json.loads(path.read_text()), random.Random(0)
    refused = 0
    for _ in range(300):
        broken = damaged(data, generator)
        try:
            modernize(broken)
        except ValueError:
            refused += 1
    assert refused > 0
