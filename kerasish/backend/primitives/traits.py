"""What is true of a primitive: the facts that a row of `define` states, and that passes, loops and devices ask for.

No other file keeps a list of primitives: code asks `node.operation.traits.commutative`, and a primitive that is new
takes part in all of it with its row.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # `costs` counts sizes, with what imports this file
    from kerasish.backend.primitives.costs import Cost

# dtypes that fuse: those of the first operand with which a call may join a Group
NOTHING = frozenset()
BOOLS = frozenset(("bool",))
FLOATS = frozenset(("float32", "float64"))
NUMBERS = FLOATS | {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
ANYTHING = NUMBERS | BOOLS
STORED = ANYTHING | {"float16", "bfloat16"}  # what a kernel reads and writes; it computes with halves in float32


class Role(Enum):
    """What a primitive that is not elementwise does in a Group, for each row."""

    NONE = "stays outside"
    REDUCES = "makes one number of its columns"
    FINDS = "finds one of its columns"
    TAKES = "takes one number out of its columns"
    PUTS = "puts its number in one of the columns"
    SPREADS = "keeps its number, in another shape"

    @property
    def makes_rows(self) -> bool:
        """Whether the loop over the columns has to be done before the result is known."""
        return self in (Role.REDUCES, Role.FINDS, Role.TAKES)


class Hoist(Enum):
    """Whether a call whose operands are the same in each step of a loop moves out of it."""

    ALONE = "moves"
    WITH_READERS = "moves only where what reads it does: it costs nothing where it is"
    NEVER = "stays"


class Again(Enum):
    """Where the gradient of a loop gets the values of each step from that it needs."""

    FREE = "made again from what it was made of, which is no larger and is kept in its place"
    CHEAP = "made again where its operands are kept anyway"
    SAVED = "kept"


class Sign(Enum):
    """What is known of the signs of a floating-point result, -0 counting as negative."""

    UNKNOWN = "nothing"
    NEVER_NEGATIVE = "not negative"
    AS_OPERANDS = "not negative where no operand is"


@dataclass(frozen=True, kw_only=True)
class Traits:
    """The facts about one primitive. Those without a default are stated by every row, or by the family it belongs to.

    Attributes:
        elementwise: whether element i of the (broadcast) output depends on element i of each operand alone.
        pure: whether equal calls give equal results and nothing else happens, so that a call may be computed when the
            graph is compiled, be made one with an equal one, or be left out.
        view: whether the output is the operand's memory in another shape or order, and costs nothing.
        cost: a Cost: how its work is counted.
        fuses: frozenset of the dtypes of its first operand with which it may join a Group.
        hoists: a Hoist.
        again: an Again.
        in_place: tuple with the positions of the operands over which a kernel may write the output; None for any.
        role: what it does in a Group where it is not elementwise.
        fuses_up_to: the most elements of an output with which it joins a Group; None for any number.
        commutative: whether its two operands may change places.
        neutral: the number that as second operand (as either, where it is commutative) gives back the other; or None.
        absorbing: the bool that decides the result whatever the other operand is; or None.
        idempotent: whether f(f(x)) is f(x), and of two operands f(x, x) is x.
        opposite: the name of the primitive that gives True where it gives False, NaN or not; or None.
        even: whether f(-x) is f(x).
        linear: whether f(x + y) is f(x) + f(y) of its one operand, so that totals may be taken before it. False says
            nothing.
        terms: of a sum of its operands their signs, as (1, -1) of a difference; or None.
        sign: a Sign.
        finite: whether finite operands give finite results, overflow aside. False says nothing.
        computes: whether it calculates with its floating-point operands, which it is given in float32 where they are of
            half precision (`lowbits/widening.py`). False where it only moves, picks, marks or hands on.
        converts: whether its output is its operand in the dtype that an attribute names.
        refuses: whether a run may raise for what its integer operands hold (an index out of range).
        together: whether all ranks make the call at the same time, so that none may compute it ahead, while it traces.
        complex: whether its operands may be complex numbers; others are refused by name.
        weights: position of the operand that holds the weights of a product whose other operand comes in rows, each of
            which makes a row of the output; None of others.
    """

    elementwise: bool
    pure: bool
    view: bool
    cost: Cost
    fuses: frozenset
    hoists: Hoist
    again: Again
    in_place: tuple | None
    role: Role = Role.NONE
    fuses_up_to: int | None = None
    commutative: bool = False
    neutral: int | None = None
    absorbing: bool | None = None
    idempotent: bool = False
    opposite: str | None = None
    even: bool = False
    linear: bool = False
    terms: tuple | None = None
    sign: Sign = Sign.UNKNOWN
    finite: bool = False
    computes: bool = True
    converts: bool = False
    refuses: bool = False
    together: bool = False
    complex: bool = False
    weights: int | None = None


def stated(name: str, facts: dict[str, Any]) -> Traits:
    """The Traits that the row of primitive `name` states.

    Raises:
        TypeError: a trait that every row has to state is not among `facts`, or one of those is no trait.
    """
    known = fields(Traits)
    unsaid = [field.name for field in known if field.default is MISSING and field.name not in facts]
    if unsaid:
        raise TypeError(f"The row of primitive {name!r} must state its traits, {', '.join(unsaid)} is missing.")
    strange = sorted(set(facts).difference(field.name for field in known))
    if strange:
        raise TypeError(f"The row of primitive {name!r} states {', '.join(strange)}, which is no trait; see `Traits`.")
    return Traits(**facts)
