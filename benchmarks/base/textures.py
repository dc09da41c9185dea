"""Colors and textures of the rendered scenes: (h, w, 3) float32 from 0 to 1."""

import numpy as np

TEXTURES = ("plain", "noise", "stripes", "checks", "dots", "rings", "gradient", "speckle")


def color(random):
    """Return a random color (3,): mostly of few hues, as things have, sometimes any."""
    value, tint = random.uniform(0.05, 0.95), random.normal(0, random.choice([0.04, 0.12, 0.3]), 3)
    return np.clip(value + tint, 0, 1).astype(np.float32)


def power_noise(random, height, width, exponent):
    """Return (height, width, 3) noise of mean 0 whose amplitude falls as 1 / frequency ** exponent.

    That is how photographs are, with an exponent near 1 (Field, 1987). Red has spread 1; green and blue are mixed
    with it, which is less colorful, and have a little less.
    """
    y, x = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)
    falling = (np.hypot(y, x) + 1 / max(height, width)) ** -exponent
    waves = random.normal(size=(2, 3, height, len(x))).astype(np.float32)
    noise = np.fft.irfft2((waves[0] + 1j * waves[1]) * falling, s=(height, width))  # (3, h, w)
    noise = noise - noise.mean((1, 2), keepdims=True)
    noise /= noise.std((1, 2), keepdims=True) + 1e-9
    gray, share = noise[:1], random.uniform(0.3, 1)  # photographs vary less in hue than in brightness
    return (share * gray + (1 - share) * noise).transpose(1, 2, 0).astype(np.float32)


def texture(random, name, height, width):
    """Return a texture (height, width, 3) in random colors, period and direction."""
    first, second = color(random), color(random)
    angle, side = random.uniform(0, np.pi), max(height, width)
    period = max(4.0, side * random.uniform(0.06, 0.35))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    u, v = (x * np.cos(angle) + y * np.sin(angle)) / period, (y * np.cos(angle) - x * np.sin(angle)) / period
    if name == "plain":
        mix = np.zeros((height, width), np.float32)
    elif name == "noise":
        noise = power_noise(random, height, width, random.uniform(0.6, 1.8))
        return np.clip(first + random.uniform(0.05, 0.25) * noise, 0, 1)
    elif name == "stripes":
        mix = np.sin(2 * np.pi * u) * random.uniform(1, 4)
    elif name == "checks":
        mix = np.sin(2 * np.pi * u) * np.sin(2 * np.pi * v) * random.uniform(2, 6)
    elif name == "dots":
        mix = random.uniform(2, 6) * (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v) - random.uniform(0.2, 1.2))
    elif name == "rings":
        mix = np.sin(2 * np.pi * np.hypot(x - width / 2, y - height / 2) / period) * random.uniform(1, 4)
    elif name == "gradient":
        mix = 2 * (u - u.mean())
    else:  # speckle
        mix = 3 * (random.random((height, width)) < random.uniform(0.02, 0.3)) - 1.0
    mix = np.clip(0.5 + 0.5 * mix, 0, 1)[..., None].astype(np.float32)
    return first + (second - first) * mix * random.uniform(0.3, 1)


def shading(random, height, width):
    """Return a factor (height, width, 1): light from one side, and an object that is darker towards its edge."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle = random.uniform(0, 2 * np.pi)
    light = 1 + random.uniform(0, 0.35) * (x * np.cos(angle) + y * np.sin(angle))
    light *= 1 - random.uniform(-0.2, 0.45) * np.minimum(x * x + y * y, 1.5) ** 2
    return np.clip(light, 0.2, 1.8)[..., None]
