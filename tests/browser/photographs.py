"""Photographs of every kind that a browser and numpyssd read: scenes of the built-in set, stored in many ways."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from numpyssd.datasets.shapes import ShapesDataset

ORIENTATION = 0x0112


def scenes(count):
    """Return images (H, W, 3) uint8 of odd sizes, each with objects in it."""
    sizes = [(211, 157), (157, 211), (192, 192), (301, 77), (640, 480), (97, 130), (64, 64)]
    dataset, images = ShapesDataset(count, seed=5), []
    for i in range(count):
        image = Image.fromarray(dataset[i].image)
        images.append(image.resize(sizes[i % len(sizes)], Image.Resampling.LANCZOS))
    return images


def write_photographs(folder):
    """Write 24 photographs and return their paths, sorted by name."""
    images = iter(scenes(24))
    rng = np.random.default_rng(0)

    def save(name, image=None, **options):
        (image or next(images)).save(folder / name, **options)

    for turn in range(2, 9):
        save(f"turned{turn}.jpg", quality=92, exif=_exif(turn))
    save("turned6.png", exif=_exif(6))
    for turn in (3, 5, 6, 8):
        save(f"turned{turn}.webp", lossless=True, exif=_exif(turn))
    save("gray.jpg", next(images).convert("L"), quality=90)
    save("gray and alpha.png", _with_alpha(next(images).convert("LA"), rng))
    save("alpha.png", _with_alpha(next(images).convert("RGBA"), rng))
    save("palette.png", next(images).convert("P", palette=Image.Palette.ADAPTIVE))
    save("palette with a hole.gif", next(images).convert("P", palette=Image.Palette.ADAPTIVE), transparency=0)
    save("one bit.png", next(images).convert("1"))
    save("ink.jpg", next(images).convert("CMYK"), quality=95)
    save("progressive.jpg", progressive=True, quality=70)
    save("16 bits gray.png", _sixteen_gray(next(images), rng))
    (folder / "16 bits.png").write_bytes(_sixteen_bits(next(images), rng))
    save("large.jpg", next(images).resize((2400, 1700), Image.Resampling.BICUBIC), quality=85)
    save("flat.bmp", next(images).resize((201, 33)))
    return sorted(folder.iterdir())


def _exif(turn):
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    return exif


def _with_alpha(image, rng):
    alpha = np.full((image.height, image.width), 255, np.uint8)
    alpha[: image.height // 3] = rng.integers(0, 256, (image.height // 3, image.width))
    image.putalpha(Image.fromarray(alpha))
    return image


def _sixteen_gray(image, rng):
    gray = np.asarray(image.convert("L")).astype(np.uint16) * 257
    return Image.fromarray(gray ^ rng.integers(0, 256, gray.shape).astype(np.uint16))


def _sixteen_bits(image, rng):
    """Return a PNG of 16 bits a channel, which Pillow reads and does not write."""
    pixels = np.asarray(image).astype(np.uint16) * 256 + rng.integers(0, 256, (image.height, image.width, 3), np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", image.width, image.height, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def encoded(image, kind="JPEG", **options):
    """Return an image as the bytes of a file."""
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()
