"""Seeds: what a draw starts from, and what makes the next draw differ."""

from __future__ import annotations

import random as python_random
from typing import Any

from kerasish.backend import context
from kerasish.backend.device import device
from kerasish.backend.graph import KerasTensor, Tensor
from kerasish.backend.names import unique_name
from kerasish.backend.primitives import p
from kerasish.backend.variable import Variable, to_array
from kerasish.suggestions import refuse_unknown
from kerasish.typing import AnyTensor, Config

_WORD = 0xFFFFFFFF
_generators = {}  # device -> what draws there when no seed is given
_global_seed = None


class SeedGenerator:
    """Seeds for random functions: each use gives other values, in an order that the first seed decides.

    Args:
        seed: int, of which the low 32 bits count; None draws one from Python's `random`, which
            `keras.utils.set_random_seed` fixes.
        name: string, by default made of the class's name.
        **kwargs: none; others are refused by name.

    Raises:
        ValueError: for a seed that is no int, or an unknown keyword.

    Attributes:
        state: Variable, uint32 (2,): the seed and how many draws were made. Inside a compiled step it is read and
            updated like any other.

    Example:
        >>> import kerasish as keras
        >>> seed = keras.random.SeedGenerator(3)
        >>> first, second = (keras.random.uniform((2,), seed=seed) for _ in range(2))
        >>> bool((first == second).any())
        False
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        kwargs.pop("backend", None)  # Keras's own choice of another backend; there is one device here
        refuse_unknown("SeedGenerator", kwargs, SeedGenerator, error=ValueError)
        if seed is not None and not isinstance(seed, int):
            raise ValueError(f"`seed` must be an int or None, got {seed!r}.")
        self.name: str = name or unique_name("seed_generator")
        self._initial_seed = seed
        if seed is None:
            seed = python_random.randint(1, 10**9)
        with context.scope(variable_path=context.current().path_of(self.name)):
            self.state: Variable = Variable(
                [seed & _WORD, 0], dtype="uint32", trainable=False, autocast=False, name="seed_generator_state"
            )

    def next(self, ordered: bool = True) -> AnyTensor:
        """The key of the next draw; the state moves on.

        Args:
            ordered: accepted, as keys count up either way and never repeat.

        Returns:
            Tensor of uint32 (2,).
        """
        key = self.state.value
        self.state.assign(p.add(key, _one_draw()))
        return key

    def get_config(self) -> Config:
        """The arguments that make an equal generator.

        Returns:
            Dict.
        """
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: Config) -> SeedGenerator:
        """The generator that `get_config` described.

        Args:
            config: dict, as `get_config` gives it.

        Returns:
            SeedGenerator.
        """
        return cls(**config)


_increments = {}


def _one_draw():
    """[0, 1] on the device."""
    on = device()
    if on not in _increments:
        with context.escaped():
            _increments[on] = to_array(on, [0, 1], "uint32")
    return _increments[on]


def global_seed_generator() -> SeedGenerator:
    """The SeedGenerator of draws without a seed.

    There is one a device; the first use after `set_random_seed` starts from that seed.
    """
    on = device()
    if on not in _generators:
        _generators[on] = SeedGenerator(_first_seed(), name="global_seed_generator")
    return _generators[on]


def _first_seed():
    # a stream of its own, so that it shares no seed with the initializers, which draw theirs from Python's `random`
    return None if _global_seed is None else python_random.Random(f"kerasish.random {_global_seed}").getrandbits(32)


def reset_global_seed(seed: int) -> None:
    """Let draws without a seed start anew from `seed`, in functions that are compiled already, too."""
    global _global_seed
    _global_seed = seed
    for generator in _generators.values():
        with context.escaped():
            generator.state.assign(to_array(generator.state._device, [_first_seed(), 0], "uint32"))


def global_state() -> Any:
    """The state of the global generator as an array of the host, or None where nothing was drawn from it yet."""
    generator = _generators.get(device())
    return None if generator is None else generator.state.numpy()


def set_global_state(state: Any) -> None:
    """Put the global generator where `global_state` found it; None is where it was before its first use."""
    if state is not None:
        with context.escaped():
            generator = global_seed_generator()
            generator.state.assign(to_array(generator.state._device, state, "uint32"))
    elif _global_seed is not None:
        reset_global_seed(_global_seed)


def draw_seed(seed: Any) -> AnyTensor:
    """A key for one draw.

    Args:
        seed: SeedGenerator (its next key), int (the same key each time), None (of the global generator), or a key.

    Returns:
        Tensor of uint32 (2,).

    Raises:
        ValueError: for anything else.

    Example:
        >>> import kerasish as keras
        >>> keras.random.seed_generator.draw_seed(3).shape
        (2,)
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if seed is None:
        return global_seed_generator().next(ordered=False)
    if isinstance(seed, int):
        return to_array(device(), [seed & _WORD, 0], "uint32")
    if isinstance(seed, (Tensor, Variable)) and not isinstance(seed, KerasTensor) or device().is_array(seed):
        if tuple(seed.shape) == (2,) and str(seed.dtype) == "uint32":
            return seed
    raise ValueError(f"`seed` must be an int, a keras.random.SeedGenerator or None, got {seed!r}.")


def shuffling_rng() -> None:
    """What seeds the order of samples in `fit`.

    None stands for Python's `random`, which `keras.utils.set_random_seed` fixes.
    """
    return None
