"""What follows a product on its rows while they are in the cache."""

from __future__ import annotations

from typing import Any

from kerasish.backend.numpy.native.step import NativeStep


class Seam:
    """Where a step can take an epilogue.

    Args:
        rows: int, rows of the output matrix. slot: place in `args` of the epilogue's address, followed by that of its
            arguments.
        tile_slot, tile: place in `args` of the rows of a tile, and how many a tile should have when something follows
            on it.
    """

    __slots__ = ("rows", "slot", "tile_slot", "tile")

    def __init__(self, rows: Any, slot: Any, tile_slot: Any, tile: Any) -> None:
        self.rows: Any = rows
        self.slot: Any = slot
        self.tile_slot: Any = tile_slot
        self.tile: Any = tile


class SeamStep(NativeStep):
    """A NativeStep that may have a seam (None: an epilogue is a step of its own)."""

    __slots__ = ("seam",)

    def __init__(self, *args: Any, seam: Any = None, **how: Any) -> None:
        super().__init__(*args, **how)
        self.seam: Any = seam

    def unplaced(self) -> Any:
        """The arguments, to change before the first call."""
        return self.args


def attach_epilogue(steps: int, epilogue: Any) -> Any:
    """Let `epilogue` follow on each tile of rows that the last of `steps` makes.

    Args:
        steps: a NativeStep or a list of steps, not called yet, the last of which writes an output matrix.
        epilogue: NativeStep whose units are the rows of that matrix; row i must need no other row of it.

    Returns:
        list of steps. Where the last step shares its work by columns, or has taken an epilogue already, the epilogue
        stands behind it.
    """
    steps = list(steps) if isinstance(steps, (list, tuple)) else [steps]
    last = steps[-1]
    seam = getattr(last, "seam", None)
    if seam is None or seam.rows != epilogue.units or type(epilogue) is not NativeStep:
        return [*steps, epilogue]
    args = last.unplaced()
    args[seam.slot], args[seam.slot + 1] = epilogue.address, epilogue.args.ctypes.data
    args[seam.tile_slot] = min(int(args[seam.tile_slot]), seam.tile)
    last.keep, last.seam = [*last.keep, epilogue], None
    last.name = f"{last.name}+{epilogue.name}"
    return steps
