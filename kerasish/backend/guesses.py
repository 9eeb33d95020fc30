"""Answers to questions about open sizes that shape inference gives in place of the run, and other tries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_MOST_GUESSES = 40  # in one trace: `while size > 1: size //= 2` is an endless loop for a size that may be any
_MOST_ATTEMPTS = 16


class Guesses:
    """The answers that one trace gives to questions about sizes which only the run can answer.

    Python's `if` needs an answer at once. The first one is that of the general case: an open size is large, and is
    divided without a remainder. Where the body then raises, `next()` has the guesses for another try.

    Args:
        script: list of (general answer, answer given), which are given again in their order.
        one_batch: whether all open first axes are one size.
    """

    def __init__(self, script: Sequence[tuple[bool, bool]] = (), one_batch: bool = True) -> None:
        self.script, self.one_batch = list(script), one_batch
        self.made, self.known, self.batches, self.unknowns = [], {}, set(), 0

    def answer(self, question: Any, general: bool) -> bool:
        """The answer to `question`, the same one each time that it is asked in this trace."""
        if question not in self.known:
            if len(self.made) == _MOST_GUESSES:
                raise TypeError(
                    "Shape inference can't follow this: it takes too many decisions that depend on open sizes (is "
                    "there a loop over one?). Give the sizes in `Input(shape=...)`, or define `compute_output_shape`."
                )
            place = len(self.made)
            answer = self.script[place][1] if place < len(self.script) else general
            self.made.append((general, answer))
            self.known[question] = answer
        return self.known[question]

    def next(self) -> Guesses | None:
        """Guesses of which the last one that was never doubted is turned round; None when all were."""
        for place in reversed(range(len(self.made))):
            general, answer = self.made[place]
            if answer == general:
                return Guesses([*self.made[:place], (general, not answer)], self.one_batch)
        return Guesses(one_batch=False) if self.one_batch and len(self.batches) > 1 else None


def explored(attempt: Callable[[Guesses], Any]) -> Any:
    """What `attempt(guesses)` returns for the first guesses that go through.

    `attempt` returns (result, None), or (how far it came, error). Where none goes through, the error that came last in
    the body is raised: earlier ones are of branches that may not be taken.
    """
    guesses, furthest, error = Guesses(), -1, None
    for _ in range(_MOST_ATTEMPTS):
        result, failure = attempt(guesses)
        if failure is None:
            return result
        if result > furthest:
            furthest, error = result, failure
        guesses = guesses.next()
        if guesses is None:
            break
    raise error
