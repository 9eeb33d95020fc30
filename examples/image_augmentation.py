"""Turn, cut and colour photographs at random, and the boxes around what is on them too.

    python examples/image_augmentation.py

Each layer takes a dict with pictures, boxes and labels, and changes all that it moves; boxes that leave the picture are
cut to it. The four photographs come with scikit-learn and scikit-image. Writes `image_augmentation.png`. Needs
`pip install scikit-learn scikit-image pillow matplotlib`.
"""

import numpy as np
from matplotlib import pyplot

import kerasish as keras
from kerasish import layers, ops

SIZE = 192
NAMES = ("pagoda", "flower", "face", "helmet", "coffee")
BOXES = {  # (left, top, right, bottom) in pixels of the photograph, and the number of the name
    "china": [(90, 30, 350, 335, 0)],
    "flower": [(168, 85, 443, 368, 1)],
    "astronaut": [(165, 15, 300, 185, 2), (270, 345, 512, 512, 3)],
    "coffee": [(78, 10, 478, 390, 4)],
}


def photographs():
    """Pictures and boxes of all photographs, brought to one size with borders, as a batch."""
    from skimage import data
    from sklearn.datasets import load_sample_image

    pictures = {
        "china": load_sample_image("china.jpg"),
        "flower": load_sample_image("flower.jpg"),
        "astronaut": data.astronaut(),
        "coffee": data.coffee(),
    }
    resize = layers.Resizing(SIZE, SIZE, pad_to_aspect_ratio=True, bounding_box_format="xyxy")
    batch = []
    for name, picture in pictures.items():
        boxes = np.full((2, 5), -1.0, "float32")  # a batch has room for two a picture: label -1 is none
        boxes[: len(BOXES[name])] = BOXES[name]
        batch.append(resize({"images": picture, "bounding_boxes": {"boxes": boxes[:, :4], "labels": boxes[:, 4]}}))
    return keras.tree.map_structure(lambda *parts: np.stack([ops.convert_to_numpy(part) for part in parts]), *batch)


def steps():
    """What is done to the pictures, by name. Each is a layer: it can also stand in a model, and acts in training."""
    both = {"bounding_box_format": "xyxy", "seed": 3}
    moving = {**both, "fill_mode": "constant"}
    return {
        "flip": layers.RandomFlip("horizontal", **both),
        "rotation": layers.RandomRotation(0.06, **moving),
        "zoom": layers.RandomZoom((-0.3, 0.2), **moving),
        "translation": layers.RandomTranslation(0.2, 0.2, **moving),
        "colour": layers.RandomColorJitter(brightness_factor=0.2, contrast_factor=0.4, hue_factor=0.1, **both),
        "erasing": layers.RandomErasing(scale=(0.02, 0.1), **both),
    }


def applied(layers_, batch):
    """The batch after all of the layers."""
    for layer in layers_:
        batch = layer(batch, training=True)
    return keras.tree.map_structure(ops.convert_to_numpy, batch)


def draw(rows, path):
    """A row of pictures with their boxes for each batch, by name."""
    figure, places = pyplot.subplots(len(rows), 1, figsize=(9, 2.3 * len(rows)), layout="constrained")
    style = {"color": (255, 255, 0), "line_thickness": 1, "font_scale": 0.5}
    for (name, batch), axes in zip(rows.items(), places):
        boxes = batch["bounding_boxes"]
        drawn = keras.visualization.draw_bounding_boxes(batch["images"], boxes, "xyxy", dict(enumerate(NAMES)), **style)
        axes.imshow(np.hstack(list(drawn)))
        axes.set(xticks=[], yticks=[], ylabel=name)
    figure.savefig(path)


def main():
    """Each step alone, and all together."""
    keras.utils.set_random_seed(3)
    batch, by_name = photographs(), steps()
    rows = {"as they are": batch, **{name: applied([layer], batch) for name, layer in by_name.items()}}
    together = list(by_name.values())
    rows["all"] = applied(together, batch)
    rows["all, again"] = applied(together, batch)
    draw(rows, "image_augmentation.png")
    kept = int(np.sum(rows["all"]["bounding_boxes"]["labels"] >= 0))
    print(f"{kept} boxes moved with their pictures through {len(together)} layers; wrote image_augmentation.png")


if __name__ == "__main__":
    main()
