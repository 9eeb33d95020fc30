"""Processes that train one model together: who they are, and how arrays go between them. Nothing of Keras.

`start` joins those that `mpiexec` started, `world` gives what they say to one another; in a single process it is None,
and nothing is imported for it.
"""

from kerasish.backend.ranks.faults import RankFault, RankLost, RankTimeout, TooFewRanks
from kerasish.backend.ranks.joining import agreed, launched, start, tolerates_faults, world
from kerasish.backend.ranks.journal import Gone, journal
from kerasish.backend.ranks.pace import slow_begins, slow_ends, slowly
from kerasish.backend.ranks.recovery import Recovery, recover
from kerasish.backend.ranks.regrouping import Regrouped, is_elastic, is_to_leave, leaves
from kerasish.backend.ranks.world import World

__all__ = [
    "Gone",
    "RankFault",
    "RankLost",
    "RankTimeout",
    "Recovery",
    "Regrouped",
    "TooFewRanks",
    "World",
    "agreed",
    "is_elastic",
    "is_to_leave",
    "journal",
    "launched",
    "leaves",
    "recover",
    "slow_begins",
    "slow_ends",
    "slowly",
    "start",
    "tolerates_faults",
    "world",
]
