"""Preprocessing of numbers and pictures inside a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.layers.preprocessing.category_encoding import CategoryEncoding
    from kerasish.layers.preprocessing.discretization import Discretization
    from kerasish.layers.preprocessing.hashed_crossing import HashedCrossing
    from kerasish.layers.preprocessing.hashing import Hashing
    from kerasish.layers.preprocessing.image_preprocessing.aug_mix import AugMix
    from kerasish.layers.preprocessing.image_preprocessing.auto_contrast import AutoContrast
    from kerasish.layers.preprocessing.image_preprocessing.center_crop import CenterCrop
    from kerasish.layers.preprocessing.image_preprocessing.clahe import ContrastLimitedAdaptiveHistogramEqualization
    from kerasish.layers.preprocessing.image_preprocessing.cut_mix import CutMix
    from kerasish.layers.preprocessing.image_preprocessing.equalization import Equalization
    from kerasish.layers.preprocessing.image_preprocessing.max_num_bounding_box import MaxNumBoundingBoxes
    from kerasish.layers.preprocessing.image_preprocessing.mix_up import MixUp
    from kerasish.layers.preprocessing.image_preprocessing.rand_augment import RandAugment
    from kerasish.layers.preprocessing.image_preprocessing.random_brightness import RandomBrightness
    from kerasish.layers.preprocessing.image_preprocessing.random_color_degeneration import RandomColorDegeneration
    from kerasish.layers.preprocessing.image_preprocessing.random_color_jitter import RandomColorJitter
    from kerasish.layers.preprocessing.image_preprocessing.random_contrast import RandomContrast
    from kerasish.layers.preprocessing.image_preprocessing.random_crop import RandomCrop
    from kerasish.layers.preprocessing.image_preprocessing.random_elastic_transform import RandomElasticTransform
    from kerasish.layers.preprocessing.image_preprocessing.random_erasing import RandomErasing
    from kerasish.layers.preprocessing.image_preprocessing.random_flip import RandomFlip
    from kerasish.layers.preprocessing.image_preprocessing.random_gaussian_blur import RandomGaussianBlur
    from kerasish.layers.preprocessing.image_preprocessing.random_grayscale import RandomGrayscale
    from kerasish.layers.preprocessing.image_preprocessing.random_hue import RandomHue
    from kerasish.layers.preprocessing.image_preprocessing.random_invert import RandomInvert
    from kerasish.layers.preprocessing.image_preprocessing.random_perspective import RandomPerspective
    from kerasish.layers.preprocessing.image_preprocessing.random_posterization import RandomPosterization
    from kerasish.layers.preprocessing.image_preprocessing.random_rotation import RandomRotation
    from kerasish.layers.preprocessing.image_preprocessing.random_saturation import RandomSaturation
    from kerasish.layers.preprocessing.image_preprocessing.random_sharpness import RandomSharpness
    from kerasish.layers.preprocessing.image_preprocessing.random_shear import RandomShear
    from kerasish.layers.preprocessing.image_preprocessing.random_translation import RandomTranslation
    from kerasish.layers.preprocessing.image_preprocessing.random_zoom import RandomZoom
    from kerasish.layers.preprocessing.image_preprocessing.resizing import Resizing
    from kerasish.layers.preprocessing.image_preprocessing.solarization import Solarization
    from kerasish.layers.preprocessing.integer_lookup import IntegerLookup
    from kerasish.layers.preprocessing.mel_spectrogram import MelSpectrogram
    from kerasish.layers.preprocessing.normalization import Normalization
    from kerasish.layers.preprocessing.pipeline import Pipeline
    from kerasish.layers.preprocessing.rescaling import Rescaling
    from kerasish.layers.preprocessing.stft_spectrogram import STFTSpectrogram
    from kerasish.layers.preprocessing.string_lookup import StringLookup
    from kerasish.layers.preprocessing.text_vectorization import TextVectorization
else:  # of forty layers a program uses a few
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.layers.preprocessing.category_encoding": "CategoryEncoding",
            "kerasish.layers.preprocessing.discretization": "Discretization",
            "kerasish.layers.preprocessing.hashed_crossing": "HashedCrossing",
            "kerasish.layers.preprocessing.hashing": "Hashing",
            "kerasish.layers.preprocessing.image_preprocessing.aug_mix": "AugMix",
            "kerasish.layers.preprocessing.image_preprocessing.auto_contrast": "AutoContrast",
            "kerasish.layers.preprocessing.image_preprocessing.center_crop": "CenterCrop",
            "kerasish.layers.preprocessing.image_preprocessing.clahe": "ContrastLimitedAdaptiveHistogramEqualization",
            "kerasish.layers.preprocessing.image_preprocessing.cut_mix": "CutMix",
            "kerasish.layers.preprocessing.image_preprocessing.equalization": "Equalization",
            "kerasish.layers.preprocessing.image_preprocessing.max_num_bounding_box": "MaxNumBoundingBoxes",
            "kerasish.layers.preprocessing.image_preprocessing.mix_up": "MixUp",
            "kerasish.layers.preprocessing.image_preprocessing.rand_augment": "RandAugment",
            "kerasish.layers.preprocessing.image_preprocessing.random_brightness": "RandomBrightness",
            "kerasish.layers.preprocessing.image_preprocessing.random_color_degeneration": "RandomColorDegeneration",
            "kerasish.layers.preprocessing.image_preprocessing.random_color_jitter": "RandomColorJitter",
            "kerasish.layers.preprocessing.image_preprocessing.random_contrast": "RandomContrast",
            "kerasish.layers.preprocessing.image_preprocessing.random_crop": "RandomCrop",
            "kerasish.layers.preprocessing.image_preprocessing.random_elastic_transform": "RandomElasticTransform",
            "kerasish.layers.preprocessing.image_preprocessing.random_erasing": "RandomErasing",
            "kerasish.layers.preprocessing.image_preprocessing.random_flip": "RandomFlip",
            "kerasish.layers.preprocessing.image_preprocessing.random_gaussian_blur": "RandomGaussianBlur",
            "kerasish.layers.preprocessing.image_preprocessing.random_grayscale": "RandomGrayscale",
            "kerasish.layers.preprocessing.image_preprocessing.random_hue": "RandomHue",
            "kerasish.layers.preprocessing.image_preprocessing.random_invert": "RandomInvert",
            "kerasish.layers.preprocessing.image_preprocessing.random_perspective": "RandomPerspective",
            "kerasish.layers.preprocessing.image_preprocessing.random_posterization": "RandomPosterization",
            "kerasish.layers.preprocessing.image_preprocessing.random_rotation": "RandomRotation",
            "kerasish.layers.preprocessing.image_preprocessing.random_saturation": "RandomSaturation",
            "kerasish.layers.preprocessing.image_preprocessing.random_sharpness": "RandomSharpness",
            "kerasish.layers.preprocessing.image_preprocessing.random_shear": "RandomShear",
            "kerasish.layers.preprocessing.image_preprocessing.random_translation": "RandomTranslation",
            "kerasish.layers.preprocessing.image_preprocessing.random_zoom": "RandomZoom",
            "kerasish.layers.preprocessing.image_preprocessing.resizing": "Resizing",
            "kerasish.layers.preprocessing.image_preprocessing.solarization": "Solarization",
            "kerasish.layers.preprocessing.integer_lookup": "IntegerLookup",
            "kerasish.layers.preprocessing.normalization": "Normalization",
            "kerasish.layers.preprocessing.pipeline": "Pipeline",
            "kerasish.layers.preprocessing.rescaling": "Rescaling",
            "kerasish.layers.preprocessing.string_lookup": "StringLookup",
            "kerasish.layers.preprocessing.text_vectorization": "TextVectorization",
            "kerasish.layers.preprocessing.mel_spectrogram": "MelSpectrogram",
            "kerasish.layers.preprocessing.stft_spectrogram": "STFTSpectrogram",
        },
    )

__all__ = [
    "AugMix",
    "AutoContrast",
    "CategoryEncoding",
    "CenterCrop",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "CutMix",
    "Discretization",
    "Equalization",
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "MaxNumBoundingBoxes",
    "MelSpectrogram",
    "MixUp",
    "Normalization",
    "Pipeline",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "Rescaling",
    "Resizing",
    "STFTSpectrogram",
    "Solarization",
    "StringLookup",
    "TextVectorization",
]
