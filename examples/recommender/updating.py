"""Optimizers and the decay of their learning rate, by flag."""

from kerasish import optimizers
from kerasish.optimizers import schedules

OPTIMIZERS = {
    name.lower(): getattr(optimizers, name)
    for name in (
        *("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam"),
        *("RMSprop", "SGD", "ScheduleFreeAdamW"),
    )
}

DECAYS = {
    "none": lambda options: options.learning_rate,
    "cosine": lambda options: schedules.CosineDecay(options.learning_rate, options.decay_steps),
    "exponential": lambda options: schedules.ExponentialDecay(
        options.learning_rate, options.decay_steps, options.decay_rate
    ),
    "inverse_time": lambda options: schedules.InverseTimeDecay(
        options.learning_rate, options.decay_steps, options.decay_rate
    ),
    "polynomial": lambda options: schedules.PolynomialDecay(options.learning_rate, options.decay_steps),
}


def optimizer(options):
    """The optimizer that the flags describe."""
    return OPTIMIZERS[options.optimizer](DECAYS[options.decay](options))
