"""Parameter servers: two servers and the rest workers train a model. Ends with 0 where all holds."""

import sys
import time

import numpy as np

import kerasish as keras
from kerasish.backend import ranks
from kerasish.distribution.parameter_servers import ParameterServers

count, staleness = int(sys.argv[1]), int(sys.argv[2])
servers = ParameterServers(servers=count, staleness=staleness)
world = ranks.world()
keras.utils.set_random_seed(world.rank)  # the first rank's weights are everybody's
rng = np.random.default_rng(0)
x = rng.normal(size=(512, 8)).astype("float32")
y = (x @ rng.normal(size=(8, 1)) + 0.5).astype("float32")
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, "tanh"), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam(0.02)
model.compile(optimizer, "mse")
before = model.evaluate(x, y, verbose=0)


class Slow(keras.callbacks.Callback):
    """The first worker takes its time."""

    def on_train_batch_end(self, batch, logs=None):
        if servers.index == 0:
            time.sleep(0.002)


history = servers.fit(model, x, y, epochs=12, batch_size=16, verbose=0, callbacks=[Slow()])
assert (history is None) == (servers.role == "ps"), servers.role
assert model.optimizer is optimizer
after = model.evaluate(x, y, verbose=0)
assert after < before / 10, (before, after)
weights = [w.tobytes() for w in model.get_weights()]
assert all(found == weights for found in world.gather(weights))
stale = max(world.gather(servers.most_stale))
bound = (servers.workers - 1) * (2 * staleness + 2) + (staleness > 0)
assert stale <= bound, (stale, bound)
print(servers.role, servers.index, round(after, 5), "stale", servers.most_stale, "of", bound, flush=True)
