"""The table of applications: one row each, and what its tests need to know."""

import os
from typing import NamedTuple

ALL_AT_FULL_SIZE = (
    os.environ.get("KERASISH_ALL_APPLICATIONS") == "1"
)  # weights and predictions of every member at its own size: an hour, 20 GB


class Case(NamedTuple):
    """An application.

    Attributes:
        name: of the public function; `module`: where Keras has it.
        size: side of the pictures that it is made for.
        small: side of the pictures of its numerical test, for the one of each family that is tested every time; None
            for the others.
    """

    name: str
    module: str
    size: int
    small: int | None = None

    @property
    def oracle(self):
        """The backend on which real Keras runs it.

        TensorFlow, but for the grouped convolutions that it compiles anew for each call.
        """
        return "jax" if self.module == "convnext" else "tensorflow"

    @property
    def side(self):
        """The side of the pictures in this run of the tests."""
        return self.size if ALL_AT_FULL_SIZE else self.small


CASES = [
    Case("VGG16", "vgg16", 224, 32),
    Case("VGG19", "vgg19", 224),
    Case("ResNet50", "resnet", 224, 96),
    Case("ResNet101", "resnet", 224),
    Case("ResNet152", "resnet", 224),
    Case("ResNet50V2", "resnet_v2", 224, 96),
    Case("ResNet101V2", "resnet_v2", 224),
    Case("ResNet152V2", "resnet_v2", 224),
    Case("InceptionV3", "inception_v3", 299, 299),
    Case("InceptionResNetV2", "inception_resnet_v2", 299, 139),
    Case("Xception", "xception", 299, 96),
    Case("MobileNet", "mobilenet", 224, 96),
    Case("MobileNetV2", "mobilenet_v2", 224, 96),
    Case("MobileNetV3Small", "mobilenet_v3", 224, 96),
    Case("MobileNetV3Large", "mobilenet_v3", 224),
    Case("DenseNet121", "densenet", 224, 96),
    Case("DenseNet169", "densenet", 224),
    Case("DenseNet201", "densenet", 224),
    Case("NASNetMobile", "nasnet", 224, 96),
    Case("NASNetLarge", "nasnet", 331),
    Case("EfficientNetB0", "efficientnet", 224, 96),
    *(Case(f"EfficientNetB{i}", "efficientnet", size) for i, size in enumerate((240, 260, 300, 380, 456, 528, 600), 1)),
    Case("EfficientNetV2B0", "efficientnet_v2", 224, 96),
    *(
        Case(f"EfficientNetV2{kind}", "efficientnet_v2", size)
        for kind, size in (("B1", 240), ("B2", 260), ("B3", 300), ("S", 384), ("M", 480), ("L", 480))
    ),
    Case("ConvNeXtTiny", "convnext", 224, 96),
    *(Case(f"ConvNeXt{kind}", "convnext", 224) for kind in ("Small", "Base", "Large", "XLarge")),
]
BY_NAME = {case.name: case for case in CASES}
NUMERIC = [case for case in CASES if case.side]
EVERY = [case.name for case in CASES]
EACH_FAMILY = [case.name for case in CASES if case.small]
