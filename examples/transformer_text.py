"""A small Transformer learns to write like the reference of the Python language, word by word.

    python examples/transformer_text.py
    python examples/transformer_text.py --steps 3000 --start "If the class"    # some minutes: better grammar

The text, about 100,000 words and signs, comes with Python (`pydoc_data`; what `help("if")` shows). Writes
`transformer_text.png`: the learning curve, and which earlier words the network looks at. Needs matplotlib.

Reference: Vaswani et al. 2017, "Attention Is All You Need"; with the normalization first, as in GPT-2.
"""

import argparse
import pydoc_data.topics
import re

import numpy as np
from matplotlib import pyplot

import kerasish as keras
from kerasish import layers, ops

WORDS, LENGTH, WIDTH, HEADS, BLOCKS = 1500, 32, 64, 4, 2
BATCH, EPOCHS = 32, 10


def split(text):
    """Words and signs."""
    return re.findall(r"\w+|[^\w\s*=|+\-\"]", text)


def pieces(numbers, count, rng):
    """`count` random pieces (count, LENGTH), and the same pieces a word later: what is to be predicted."""
    places = rng.integers(len(numbers) - LENGTH, size=(count, 1)) + np.arange(LENGTH)
    return numbers[places], numbers[places + 1]


def build():
    """Words to scores for the word that follows each; a second model shows the attention in the last block."""
    numbers = keras.Input((LENGTH,), dtype="int32")
    x = layers.Embedding(WORDS, WIDTH)(numbers) + layers.Embedding(LENGTH, WIDTH)(ops.arange(LENGTH))
    for _ in range(BLOCKS):
        normal = layers.LayerNormalization()(x)
        looked_up, attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS)(
            normal, normal, use_causal_mask=True, return_attention_scores=True
        )
        x = x + looked_up
        thought = layers.Dense(4 * WIDTH, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Dropout(0.1)(x + layers.Dense(WIDTH)(thought))
    scores = layers.Dense(WORDS)(layers.LayerNormalization()(x))
    return keras.Model(numbers, scores, name="writer"), keras.Model(numbers, attention)


def write(model, lookup, start, count, rng, temperature=0.7):
    """The words of `start`, and `count` words after it, each drawn by the model's probabilities."""
    numbers = ops.convert_to_numpy(lookup(split(start))).tolist()
    for _ in range(count):
        seen = numbers[-LENGTH:]
        padded = np.array([seen + [0] * (LENGTH - len(seen))], "int32")
        scores = model.predict_on_batch(padded)[0, len(seen) - 1].astype("float64") / temperature
        scores[0] = -np.inf  # number 0 stands for all rare words
        chances = np.exp(scores - scores.max())
        numbers.append(int(rng.choice(WORDS, p=chances / chances.sum())))
    words = lookup.get_vocabulary()
    return numbers, [words[number] for number in numbers]


def draw(history, attention, words, path):
    """Left: the learning curve. Right: at which word (column) each word (row) looks, the mean of the heads."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(13, 6), layout="constrained")
    for name, label in (("loss", "training"), ("val_loss", "held out")):
        left.plot(np.array(history.history[name]) / np.log(2), label=label)
    left.set(title="bits a word", xlabel="epoch")
    left.legend()
    right.imshow(attention, cmap="magma")
    right.set_xticks(range(len(words)), words, fontsize=8, rotation=90)
    right.set_yticks(range(len(words)), words, fontsize=8)
    right.set(title="attention in the last block")
    figure.savefig(path)


def main():
    """Train, write, draw."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--start", default="The statement")
    options = parser.parse_args()

    keras.utils.set_random_seed(8)
    rng = np.random.default_rng(8)
    text = split("\n".join(pydoc_data.topics.topics.values()))
    lookup = layers.StringLookup(max_tokens=WORDS)
    lookup.adapt(text)
    numbers = ops.convert_to_numpy(lookup(text)).astype("int32")
    cut = len(numbers) * 9 // 10

    model, watched = build()
    model.summary()
    rate = keras.optimizers.schedules.CosineDecay(0.0, options.steps, warmup_target=3e-3, warmup_steps=50)
    model.compile(keras.optimizers.AdamW(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    per_epoch = options.steps // EPOCHS
    x, y = pieces(numbers[:cut], EPOCHS * per_epoch * BATCH, rng)
    held_out = pieces(numbers[cut:], 256, rng)
    history = model.fit(
        x, y, batch_size=BATCH, epochs=EPOCHS, steps_per_epoch=per_epoch, validation_data=held_out, verbose=2
    )

    written, words = write(model, lookup, options.start, 80, rng)
    print(re.sub(r" ([.,:;)\]’”])", r"\1", " ".join(words)))
    attention = watched.predict(np.array([written[:LENGTH]], "int32"), verbose=0)[0].mean(axis=0)
    draw(history, attention, words[:LENGTH], "transformer_text.png")
    chances = (np.bincount(numbers[:cut], minlength=WORDS) + 1) / (cut + WORDS)
    gain = -np.log2(chances[held_out[1]]).mean() - history.history["val_loss"][-1] / np.log(2)
    print(f"held out: {gain:.2f} bits a word less than frequencies alone give; wrote transformer_text.png")


if __name__ == "__main__":
    main()
