"""The iris tutorial of TensorFlow 1's premade Estimators, with its import changed: three kinds of flowers.

python examples/iris_estimator.py          # "Test set accuracy: 0.967" in the tutorial's text

The flowers come with scikit-learn: pip install scikit-learn.
"""

import argparse

import numpy as np
from sklearn.datasets import load_iris

from kerasish import estimator, feature_column

SPECIES = ["Setosa", "Versicolor", "Virginica"]
COLUMNS = ["SepalLength", "SepalWidth", "PetalLength", "PetalWidth"]


def load_data():
    """120 flowers to train on and 30 to test on, as in the tutorial."""
    measured, species = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(150)
    features, labels = np.asarray(measured, "float32")[order], np.asarray(species)[order]
    split = [({name: features[rows, i] for i, name in enumerate(COLUMNS)}, labels[rows]) for rows in _parts()]
    return split[0], split[1]


def _parts():
    return slice(0, 120), slice(120, 150)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch_size", type=int, default=100)
    parser.add_argument("--train_steps", type=int, default=1000)
    options = parser.parse_args()
    (train_x, train_y), (test_x, test_y) = load_data()

    classifier = estimator.DNNClassifier(
        feature_columns=[feature_column.numeric_column(key=key) for key in train_x],
        hidden_units=[10, 10],  # two hidden layers of ten nodes each
        n_classes=3,
        config=estimator.RunConfig(tf_random_seed=1),
    )
    train_input_fn = estimator.inputs.numpy_input_fn(
        train_x, train_y, options.batch_size, num_epochs=None, shuffle=True, seed=0
    )
    classifier.train(input_fn=train_input_fn, steps=options.train_steps)

    test_input_fn = estimator.inputs.numpy_input_fn(test_x, test_y, options.batch_size, num_epochs=1, shuffle=False)
    result = classifier.evaluate(input_fn=test_input_fn)
    print(f"Test set accuracy: {result['accuracy']:0.3f}")

    predict_x = {
        "SepalLength": np.array([5.1, 5.9, 6.9]),
        "SepalWidth": np.array([3.3, 3.0, 3.1]),
        "PetalLength": np.array([1.7, 4.2, 5.4]),
        "PetalWidth": np.array([0.5, 1.5, 2.1]),
    }
    new_flowers = estimator.inputs.numpy_input_fn(predict_x, batch_size=options.batch_size, shuffle=False)
    for row, expected in zip(classifier.predict(input_fn=new_flowers), SPECIES):
        number = row["class_ids"][0]
        probability = row["probabilities"][number]
        print(f'Prediction is "{SPECIES[number]}" ({100 * probability:.1f}%), expected "{expected}"')


if __name__ == "__main__":
    main()
