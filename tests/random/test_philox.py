"""The stream of random bits, against the published algorithm and its known answers.

Other devices must give the same.
"""

import numpy as np
import pytest

from kerasish.backend.device import device
from kerasish.backend.function import function
from kerasish.backend.primitives import p

_MASK = 2**64 - 1


def philox4x64(counter, key, rounds=10):
    """Salmon et al. 2011, in Python's integers."""
    a, b, c, d = counter
    k, m = key
    for _ in range(rounds):
        high, low = divmod(0xD2E7470EE14C6C93 * a, 2**64)
        high_c, low_c = divmod(0xCA5A826395121157 * c, 2**64)
        a, b, c, d = high_c ^ b ^ k, low_c, high ^ d ^ m, low
        k, m = (k + 0x9E3779B97F4A7C15) & _MASK, (m + 0xBB67AE8584CAA73B) & _MASK
    return [a, b, c, d]


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ([0] * 4, [0] * 2, [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]),
        ([_MASK] * 4, [_MASK] * 2, [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0]),
        (
            [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89],
            [0x452821E638D01377, 0xBE5466CF34E90C6C],
            [0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6],
        ),
    ],
)
def test_the_reference_gives_the_known_answers_of_random123(counter, key, answer):
    assert philox4x64(counter, key) == answer


@pytest.mark.parametrize("key", [(0, 0), (1337, 42), (2**32 - 1, 2**32 - 1)])
def test_the_primitive_is_philox_of_seed_and_counter(key):
    words = []
    for block in range(1, 5):
        for word in philox4x64([block, 0, 0, 0], key):
            words += [word & 0xFFFFFFFF, word >> 32]
    for shape in ((), (1,), (7,), (8, 4), (2, 3, 5)):
        bits = device().to_host(p.philox(device().from_host(np.array(key, "uint32")), shape=shape))
        assert bits.dtype == "uint32" and bits.shape == shape
        assert bits.reshape(-1).tolist() == words[: bits.size]


@pytest.mark.parametrize(
    ("shape", "part"),
    [
        ((5,), (0, 3, 40)),
        ((16,), (0, 8, 24)),
        ((30,), (0, 1, 31)),
        ((2, 3), (0, 4, 6)),
        ((3, 2, 5), (1, 1, 4)),
        ((4, 9, 2), (1, 8, 17)),
        ((2, 3, 4), (2, 0, 4)),
        ((3, 0), (1, 2, 2)),
        ((9001, 3), (0, 20001, 30000)),
    ],
)
def test_a_part_of_what_is_drawn(shape, part):
    """In one call, and in a compiled step."""
    axis, start, total = part
    key = device().from_host(np.array([7, 3], "uint32"))
    whole = device().to_host(p.philox(key, shape=(*shape[:axis], total, *shape[axis + 1 :])))
    wanted = whole.take(range(start, start + shape[axis]), axis)
    step = function(lambda key: p.philox(key, shape=shape, part=part))
    for found in (p.philox(key, shape=shape, part=part), step(key)):
        assert np.array_equal(device().to_host(found), wanted)


def test_a_part_that_is_none():
    key = device().from_host(np.array([7, 3], "uint32"))
    for part in ((1, 0, 4), (0, 2, 4), (0, -1, 4)):
        with pytest.raises(ValueError, match="`part` of `philox`"):
            p.philox(key, shape=(3,), part=part)
