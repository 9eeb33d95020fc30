"""Questions about a video.

A convolutional network over every frame, an LSTM over time, an LSTM over the words of the question, and one answer.

    python examples/video_qa.py

The model of the talk "Integrating Keras and TensorFlow" (TensorFlow Dev Summit, 2017), at the size of a small task made
here: a coloured square grows or shrinks on noise, and the question is about its colour, or about what it does. Needs
`pip install -e ".[applications]"`.
"""

import argparse

import numpy as np

import kerasish as keras
from kerasish import layers
from kerasish.applications import InceptionV3

FRAMES, SIZE = 4, 75
COLOURS = {"red": (255, 40, 40), "green": (40, 255, 40), "blue": (40, 40, 255)}
ANSWERS = (*COLOURS, "grows", "shrinks")
QUESTIONS = ("which colour is the square", "what does the square do")
WORDS = ("", *dict.fromkeys(" ".join(QUESTIONS).split()))  # number 0 is no word: it pads
LONGEST = max(len(question.split()) for question in QUESTIONS)


def sample(rng):
    """One video (FRAMES, SIZE, SIZE, 3) from -1 to 1, the question's word numbers, and the answer's number."""
    video = rng.integers(0, 60, (FRAMES, SIZE, SIZE, 3)).astype("float32")
    colour, grows = rng.choice(list(COLOURS)), rng.random() < 0.5
    sides = np.linspace(16, 60, FRAMES).astype(int)
    for frame, side in zip(video, sides if grows else sides[::-1]):
        top, left = rng.integers(0, SIZE - side, 2)
        frame[top : top + side, left : left + side] = COLOURS[colour]
    about_colour = rng.random() < 0.5
    words = [WORDS.index(word) for word in QUESTIONS[0 if about_colour else 1].split()]
    answer = ANSWERS.index(colour if about_colour else "grows" if grows else "shrinks")
    return video / 127.5 - 1.0, words + [0] * (LONGEST - len(words)), answer


def samples(count, rng):
    """`count` samples as ([videos, questions], answers)."""
    videos, questions, answers = zip(*(sample(rng) for _ in range(count)))
    return [np.stack(videos), np.array(questions, "int32")], np.array(answers)


def build(weights):
    """The model: two branches, merged.

    With ImageNet's weights the convolutional network stays as it is; without, it learns along.
    """
    network = InceptionV3(weights=weights, include_top=False, pooling="avg", input_shape=(SIZE, SIZE, 3))
    network.trainable = weights is None

    video = keras.Input((FRAMES, SIZE, SIZE, 3), name="video")
    frames = layers.TimeDistributed(network)(video)
    watched = layers.LSTM(64)(frames)

    question = keras.Input((LONGEST,), dtype="int32", name="question")
    words = layers.Embedding(len(WORDS), 32, mask_zero=True)(question)
    asked = layers.LSTM(32)(words)

    merged = layers.Concatenate()([watched, asked])
    merged = layers.Dense(64, activation="relu")(merged)
    return keras.Model([video, question], layers.Dense(len(ANSWERS), activation="softmax")(merged), name="video_qa")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", default="none", help="'imagenet', 'none' or a file of weights")
    parser.add_argument("--samples", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()

    keras.utils.set_random_seed(5)
    inputs, answers = samples(options.samples, np.random.default_rng(5))
    model = build(None if options.weights == "none" else options.weights)
    model.summary()
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(inputs, answers, batch_size=8, epochs=options.epochs, verbose=2)
    print(f"accuracy while training: {history.history['accuracy'][-1]:.1%} (from the question alone: 42 %)")


if __name__ == "__main__":
    main()
