"""`keras.random`: random values from seeds.

Each function draws from Philox, so a seed means the same values on every device.
"""

from kerasish.lazy import says_what_is_missing
from kerasish.random.binomial import binomial as binomial
from kerasish.random.continuous import normal as normal
from kerasish.random.continuous import truncated_normal as truncated_normal
from kerasish.random.continuous import uniform as uniform
from kerasish.random.discrete import categorical as categorical
from kerasish.random.discrete import randint as randint
from kerasish.random.dropout import dropout as dropout
from kerasish.random.gamma import beta as beta
from kerasish.random.gamma import gamma as gamma
from kerasish.random.seed_generator import SeedGenerator as SeedGenerator
from kerasish.random.shuffling import shuffle as shuffle

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]

__getattr__ = says_what_is_missing(__name__)
