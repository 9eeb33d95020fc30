"""What is in the photograph? The five most likely of ImageNet's thousand classes, with a picture.

    python examples/classify_image.py PHOTO
    python examples/classify_image.py PHOTO --model EfficientNetB0 --output answer.png

The weights (92 MB for InceptionV3) are fetched once, into Keras's own cache folder. Needs
`pip install -e ".[applications]"`, and `plot` beside `applications` for the picture.
"""

import argparse
import sys

import numpy as np

import kerasish as keras
from kerasish import applications


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photo", help="a JPEG, PNG or other picture")
    parser.add_argument(
        "--model",
        default="InceptionV3",
        choices=sorted(applications.MODELS),
        metavar="NAME",
        help="any of keras.applications (default: InceptionV3)",
    )
    parser.add_argument("--weights", default="imagenet", help="'imagenet' or a file of weights")
    parser.add_argument("--output", default="classified.png", help="where the picture goes")
    return parser.parse_args()


def classify(photo, name, weights):
    """[(class id, description, probability)] of the five most likely classes; `photo` is a PIL image."""
    model = getattr(applications, name)(weights=weights)
    family = getattr(applications, applications.MODELS[name])
    height, width = (side or 224 for side in model.input_shape[1:3])  # some take pictures of any size
    pixels = keras.utils.img_to_array(photo.resize((width, height)))
    predictions = model.predict(family.preprocess_input(np.expand_dims(pixels, 0)), verbose=0)
    return family.decode_predictions(predictions, top=5)[0]


def draw(photo, answers, path):
    """The photograph, a bar for each answer beside it, where there is a library to draw; says what came of it."""
    try:
        import matplotlib
    except ImportError:
        return (
            'no picture: matplotlib is not installed (pip install "kerasish[plot]", in a clone pip install ".[plot]")'
        )
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), width_ratios=(1, 1.2))
    left.imshow(photo)
    left.axis("off")
    names = [description.replace("_", " ") for _, description, _ in answers]
    bars = right.barh(names, [100 * probability for _, _, probability in answers], color="#3a7ca5")
    right.bar_label(bars, fmt="%.1f %%", padding=4)
    right.invert_yaxis()
    right.set(xlim=(0, 115), xticks=[])
    right.spines[["top", "right", "bottom"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    return f"wrote {path}"


def main():
    options = arguments()
    try:
        photo = keras.utils.load_img(options.photo)
        answers = classify(photo, options.model, options.weights)
    except (ImportError, OSError, ValueError) as error:
        sys.exit(f"classify_image: {error}")
    for _, description, probability in answers:
        print(f"{probability:7.2%}  {description.replace('_', ' ')}")
    print(draw(photo, answers, options.output))


if __name__ == "__main__":
    main()
