"""Going on without ranks that have died: the others agree on who is left, and on how far they are."""

from __future__ import annotations

from typing import NamedTuple

from kerasish.backend.ranks import joining
from kerasish.backend.ranks.faults import RankLost, TooFewRanks
from kerasish.backend.ranks.world import World


class Recovery(NamedTuple):
    """How ranks go on.

    Attributes:
        world: the World of those that are left; `world()` gives it from now on.
        step: how many steps the one that is furthest has done.
        newest: the rank, in the new World, that has done them.
        all_agree: whether the others have, too. If not, they take the state of `newest`: a rank may have had the last
            message of a step that another one waited for in vain.
        oldest_step: how many steps the one that is furthest behind has done.
    """

    world: World
    step: int
    newest: int
    all_agree: bool
    oldest_step: int


def recover(step: int, min_workers: int = 1) -> Recovery:
    """Make a World of the ranks that are left, behind a RankLost.

    Each of them calls it. A step on which a rank is lost has changed no Variable on those that see it, so that they can
    put it again.

    Args:
        step: how many steps this rank has done.
        min_workers: how many ranks are to be left at least.

    Returns:
        Recovery.

    Raises:
        RankLost: Open MPI was not asked to tolerate faults.
        TooFewRanks: fewer are left. The new World is there, so that rank 0 of it can write what is to be kept.
    """
    lost = joining.world()
    if lost is None:
        raise RuntimeError("`recover` is for ranks that have lost another one; this process is alone.")
    if not joining.tolerates_faults():
        raise RankLost(
            "Another rank died, and Open MPI ends all of them then. Start them by `python -m kerasish launch`, or by "
            "`mpiexec --with-ft ulfm`, to go on without it."
        )
    while True:
        try:
            left = lost.shrunk()
            joining.use(left)
            steps = left.gather(step)
            break
        except RankLost:  # one more, meanwhile
            lost = joining.world()
    newest = steps.index(max(steps))
    found = Recovery(left, steps[newest], newest, len(set(steps)) == 1, min(steps))
    if left.size < min_workers:
        raise TooFewRanks(f"{left.size} of the ranks are left, and `min_workers` is {min_workers}.", found)
    return found
