"""Graphs and sessions in the style of TensorFlow 1: linear regression, and an MLP with a hand-built cross-entropy.

python examples/graph_basics.py
"""

import numpy as np

from kerasish import backend as K
from kerasish import ops
from kerasish.datasets import digits


def linear_regression(steps=200, rate=0.1):
    """Fit y = 3 x + 2 from noisy points by gradient descent; returns (slope, intercept)."""
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (100, 1)).astype("float32")
    values = 3.0 * points + 2.0 + 0.05 * rng.standard_normal((100, 1)).astype("float32")

    x = K.placeholder((None, 1), name="x")
    y = K.placeholder((None, 1), name="y")
    slope, intercept = K.variable([[0.0]], name="slope"), K.variable([0.0], name="intercept")
    prediction = ops.matmul(x, slope) + intercept
    loss = ops.mean(ops.square(prediction - y))
    d_slope, d_intercept = K.gradients(loss, [slope, intercept])
    train = [K.update_sub(slope, rate * d_slope), K.update_sub(intercept, rate * d_intercept)]

    with K.Session() as session:
        for step in range(steps):
            fetched = session.run({"loss": loss, "train": train}, feed_dict={x: points, y: values})
            if step % 50 == 0:
                print(f"step {step:4d}  loss {fetched['loss']:.4f}")
        return tuple(float(v.squeeze()) for v in session.run([slope, intercept]))


def multilayer_perceptron(epochs=20, rate=0.2, batch=64):
    """Three hidden layers on the handwritten digits; returns the accuracy on the held-out part."""
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    x_train, x_test = (x.reshape(len(x), 64).astype("float32") / 16.0 for x in (x_train, x_test))
    labels = np.eye(10, dtype="float32")[y_train]
    rng = np.random.default_rng(1)

    x = K.placeholder((None, 64), name="images")
    y = K.placeholder((None, 10), name="labels")
    sizes, hidden, weights = [64, 64, 48, 32, 10], x, []
    for layer, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        w = K.variable(rng.standard_normal((fan_in, fan_out)) * np.sqrt(2.0 / fan_in), name=f"w{layer}")
        b = K.variable(np.zeros(fan_out), name=f"b{layer}")
        weights += [w, b]
        hidden = ops.matmul(hidden, w) + b
        if layer < len(sizes) - 2:
            hidden = ops.relu(hidden)
    shifted = hidden - ops.max(hidden, axis=1, keepdims=True)
    log_probabilities = shifted - ops.log(ops.sum(ops.exp(shifted), axis=1, keepdims=True))
    loss = -ops.mean(ops.sum(y * log_probabilities, axis=1))
    train = [K.update_sub(v, rate * g) for v, g in zip(weights, K.gradients(loss, weights))]
    predicted = ops.argmax(hidden, axis=1)

    with K.Session() as session:
        for epoch in range(epochs):
            order = rng.permutation(len(x_train))
            for start in range(0, len(order) - batch + 1, batch):
                rows = order[start : start + batch]
                value, _ = session.run([loss, train], feed_dict={x: x_train[rows], y: labels[rows]})
            if epoch % 5 == 0:
                print(f"epoch {epoch:3d}  loss {value:.4f}")
        return float((session.run(predicted, feed_dict={x: x_test}) == y_test).mean())


if __name__ == "__main__":
    slope, intercept = linear_regression()
    print(f"slope {slope:.3f} (3 was meant), intercept {intercept:.3f} (2 was meant)")
    accuracy = multilayer_perceptron()
    print(f"accuracy on the held-out digits: {accuracy:.1%}")
