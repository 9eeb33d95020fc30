"""`keras.utils.Config` beside Keras's."""

import copy
import pickle

import keras as real
import pytest

import kerasish as keras


def both(action):
    """What an action on a Config gives in each library: a value, or the kind of error."""
    found = []
    for library in (keras, real):
        config = library.utils.Config(a=1, b=[1, 2])
        try:
            result = action(config)
            found.append((result, config.as_dict(), repr(config)))
        except Exception as error:
            found.append((type(error), config.as_dict(), repr(config)))
    return found


ACTIONS = {
    "read": lambda c: (c.a, c["b"], len(c), list(c), "a" in c, "z" in c, c.frozen),
    "dicts": lambda c: (list(c.keys()), list(c.values()), list(c.items()), c.get("a"), c.get("z", 4), c.get("z")),
    "json": lambda c: c.to_json(),
    "set": lambda c: (setattr(c, "x", 3), c.__setitem__("y", "z"), c.update({"w": 5}), c.update(v=6)),
    "pop": lambda c: (c.pop("a"), c.pop("z", 9)),
    "delete": lambda c: c.__delitem__("a"),
    "unknown": lambda c: c.q,
    "unknown item": lambda c: c["q"],
    "frozen": lambda c: (c.freeze(), c.frozen),
    "frozen and set": lambda c: (c.freeze(), setattr(c, "x", 3)),
    "frozen and set as an item": lambda c: (c.freeze(), c.__setitem__("x", 3)),
    "frozen and popped": lambda c: (c.freeze(), c.pop("a")),
    "frozen and updated": lambda c: (c.freeze(), c.update({"x": 1})),
    "frozen and deleted": lambda c: (c.freeze(), c.__delitem__("a")),
    "thawed": lambda c: (c.freeze(), c.unfreeze(), setattr(c, "x", 3)),
}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_it_does_what_keras_does(action):
    ours, theirs = both(action)
    assert ours == theirs


def test_it_is_copied_and_pickled():
    config = keras.utils.Config(a=1)
    config.freeze()
    for other in (copy.deepcopy(config), pickle.loads(pickle.dumps(config))):
        assert other.a == 1 and other.frozen
    with pytest.raises(AttributeError, match="Did you mean 'momentum'"):
        _ = keras.utils.Config(momentum=1).momentun
