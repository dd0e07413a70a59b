#!/usr/bin/env python3
"""Makes the golden vectors of RandAugment's operations and magnitudes with Pillow.

    apt-get install python3-torch python3-pil        # Debian 12: Pillow 9.4.0
    /usr/bin/python3 tests/vectors/make_rand_augment.py

writes rand_augment.safetensors beside this script: a colour and a grey image as bytes, and what Pillow makes of them by each
operation at two strengths and both signs.
"""
import math

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from make_methods import save

FILL = 128
STRENGTHS = (0.35, 1.0)


def pictures():
    """Smooth pictures with some noise, of a narrow range in one channel, so that stretching it does something."""
    random = np.random.RandomState(20)
    y, x = np.mgrid[0:14, 0:16]
    waves = [127 + 90 * np.sin(x / 3 + 1.3 * c) * np.cos(y / (2.5 + c)) for c in range(3)]
    waves[1] = 0.5 * waves[1] + 60
    noisy = np.stack(waves, axis=-1) + random.uniform(-25, 25, (14, 16, 3))
    colour = np.clip(noisy, 0, 255).astype(np.uint8)
    return {"colour": Image.fromarray(colour), "grey": Image.fromarray(colour[:, :, 1])}


def affine(image, matrix):
    fill = FILL if image.mode == "L" else (FILL,) * 3
    return image.transform(image.size, Image.AFFINE, matrix, Image.BILINEAR, fillcolor=fill)


def operations(image, strength, sign):
    """The table of AutoAugment and RandAugment; translations are 0.3 of the size, in whole pixels."""
    amount, factor = sign * strength, 1 + sign * 0.9 * strength
    width, height = image.size
    steps = lambda size: sign * math.floor(0.3 * strength * size + 0.5)
    fill = FILL if image.mode == "L" else (FILL,) * 3
    return {
        "identity": image,
        "autoContrast": ImageOps.autocontrast(image),
        "equalize": ImageOps.equalize(image),
        "rotate": image.rotate(30 * amount, Image.BILINEAR, fillcolor=fill),
        "solarize": ImageOps.solarize(image, 256 * (1 - strength)),
        "color": ImageEnhance.Color(image).enhance(factor),
        "posterize": ImageOps.posterize(image, 8 - math.floor(4 * strength + 0.5)),
        "contrast": ImageEnhance.Contrast(image).enhance(factor),
        "brightness": ImageEnhance.Brightness(image).enhance(factor),
        "sharpness": ImageEnhance.Sharpness(image).enhance(factor),
        "shearX": affine(image, (1, 0.3 * amount, 0, 0, 1, 0)),
        "shearY": affine(image, (1, 0, 0, 0.3 * amount, 1, 0)),
        "translateX": affine(image, (1, 0, steps(width), 0, 1, 0)),
        "translateY": affine(image, (1, 0, 0, 0, 1, steps(height))),
    }


def channels_first(image):
    pixels = np.asarray(image).astype(np.int64)
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)


def main():
    tensors = {}
    for kind, image in pictures().items():
        tensors[f"{kind}/image"] = channels_first(image)
        for strength in STRENGTHS:
            for sign in (-1, 1):
                for name, result in operations(image, strength, sign).items():
                    tensors[f"{kind}/{name}/{sign * strength}"] = channels_first(result)
    save("rand_augment.safetensors", tensors, {"fill": FILL, "strengths": STRENGTHS})


if __name__ == "__main__":
    main()
