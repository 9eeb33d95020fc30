"""How often each attack strikes.

By default as often as a test run has time for: seconds each. `KERASISH_ATTACKS` is a share of the numbers in `WHOLE`,
at which `docs/reliability.md` was written: 1 for those, 0.1 for a tenth, 5 for a long night.
`KERASISH_ATTACKS_SEED` draws other examples.
"""

from __future__ import annotations

import os
import random

SHARE = os.environ.get("KERASISH_ATTACKS")
SEED = os.environ.get("KERASISH_ATTACKS_SEED", "0")

WHOLE = {  # attack: (as a test, whole)
    "random programs": (24, 640),  # each is run in eight ways
    "random trainings": (4, 231),  # each is run in five ways
    "damaged files": (400, 16_000),  # of ten formats
    "damaged configs": (60, 2_000),
    "hostile names": (300, 11_498),
    "interrupts": (24, 770),
    "kills": (84, 210),
    "killed trainings": (21, 210),  # of seven kinds
    "killed searches": (1, 12),  # studies, each killed in every trial
    "killed ranks": (2, 50),  # three a launch
    "hung ranks": (2, 24),  # stopped, or in a loop
    "random exchanges": (6, 300),  # rounds of three steps, on each number of ranks, in three ways each
    "forks": (12, 160),
    "threads": (2, 40),  # seconds
    "serving": (4, 1_200),  # seconds
    "full disks": (28, 560),
    "readers": (210, 3_261),
    "odd arrays": (150, 4_000),
    "wrong calls": (200, 10_000),
}


def size(attack: str, parts: int = 1) -> int:
    """How many strikes of an attack this run has time for, divided among equal parts."""
    small, whole = WHOLE[attack]
    return max(1, round((small if SHARE is None else whole * float(SHARE)) / parts))


def chance(attack: str, number: int) -> random.Random:
    """What decides everything about one strike."""
    return random.Random(f"{SEED} {attack} {number}")
