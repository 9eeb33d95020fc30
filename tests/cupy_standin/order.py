"""What happened before what: clocks of streams, and what was done to each block of memory.

Every launch ticks its stream's clock. A stream has seen what ran on it, what it waited for through events, and what the
host had waited for. A block remembers who wrote it last and who has read it since: whoever touches it must have seen
that.
"""


class RaceError(AssertionError):
    """Memory is read or written where nothing says that what came before is done."""


def merge(seen, other):
    """Note in clock `seen` all that `other` has seen."""
    for stream, tick in other.items():
        if seen.get(stream, 0) < tick:
            seen[stream] = tick


class Marks:
    """Who wrote a block last, and who has read it since."""

    __slots__ = ("written", "reads")

    def __init__(self):
        self.written, self.reads = None, {}

    def read(self, seen, stream, tick):
        """Stream `stream`, which has seen `seen`, reads at its time `tick`."""
        self._check(seen, self.written, "read", "written")
        self.reads[stream] = tick

    def write(self, seen, stream, tick):
        """As `read`."""
        self._check(seen, self.written, "written", "written")
        for other in self.reads.items():
            self._check(seen, other, "written", "read")
        self.written, self.reads = (stream, tick), {}

    @staticmethod
    def _check(seen, there, what, before):
        if there is not None and seen.get(there[0], 0) < there[1]:
            raise RaceError(
                f"Memory is {what} while it may still be {before} on another stream: wait for an event of that stream."
            )
