"""Write a data set in the VOC layout, with the same bytes on every machine: PNG without compression, plain XML.

Compressors differ between machines and versions, so the pixels are stored in deflate's uncompressed blocks
(RFC 1951, 3.2.4), which every reader of PNG understands.
"""

import struct
import zlib
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

_BLOCK = 65535  # bytes: the longest uncompressed block of deflate
_NO_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535, *range(55296, 57344)), "?")


def png_bytes(image):
    """Return an image (H, W, 3) uint8 as the bytes of a PNG file (RGB, 8 bits, filter 0, not compressed)."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise ValueError(f"image must be (H, W, 3) uint8, not {image.shape} {image.dtype}")
    height, width = image.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row starts with the number of its filter, 0
    rows[:, 1:] = image.reshape(height, 3 * width)
    data = rows.tobytes()
    stream = b"\x78\x01"  # zlib's header
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        stream += struct.pack("<BHH", start + _BLOCK >= len(data), len(block), len(block) ^ 0xFFFF) + block
    stream += struct.pack(">I", zlib.adler32(data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    chunks = ((b"IHDR", header), (b"IDAT", stream), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def annotation_xml(file_name, size, boxes, names, difficult, truncated):
    """Return the XML of one image as VOC writes it.

    size: (width, height). boxes (M, 4): xyxy in whole pixels, written 1-based and inclusive: (x1 + 1, y1 + 1, x2, y2).
    """
    lines = ["<annotation>", f"  <filename>{_text(file_name)}</filename>"]
    lines += [f"  <size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>"]
    for box, name, hard, cut in zip(np.asarray(boxes).reshape(-1, 4), names, difficult, truncated):
        x1, y1, x2, y2 = (int(value) for value in box)
        lines += ["  <object>", f"    <name>{_text(name)}</name>", f"    <truncated>{int(cut)}</truncated>"]
        lines += [f"    <difficult>{int(hard)}</difficult>", "    <bndbox>"]
        lines += [f"      <xmin>{x1 + 1}</xmin><ymin>{y1 + 1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax>"]
        lines += ["    </bndbox>", "  </object>"]
    return "\n".join([*lines, "</annotation>", ""])


def whole_pixels(size, boxes):
    """Return boxes (M, 4) xyxy of an image of ``size`` (width, height) in whole pixels, at least one wide and high.

    A box of VOC has no fractions; this rounds to the nearest corner and stays inside the image.
    """
    boxes, limit = np.asarray(boxes, np.float64).reshape(-1, 2, 2), np.asarray(size)  # (M, corner, axis)
    low = np.clip(np.rint(boxes[:, 0]), 0, limit - 1)
    high = np.clip(np.rint(boxes[:, 1]), low + 1, limit)
    return np.concatenate([low, high], axis=1).astype(int)


def _text(value):
    """Return a text for XML 1.0, with ? for the letters that it does not allow: control characters, half an emoji."""
    return escape(value.translate(_NO_XML))


def write_split(root, split, items, class_names):
    """Write one split below root: JPEGImages, Annotations and, when those are complete, ImageSets/Main/<split>.txt.

    items: (stem, image, boxes, labels, difficult, truncated) of each image; boxes in whole pixels.
    """
    folders = [Path(root) / name for name in ("JPEGImages", "Annotations", "ImageSets/Main")]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    images, annotations, image_sets = folders
    stems = []
    for stem, image, boxes, labels, difficult, truncated in items:
        (images / f"{stem}.png").write_bytes(png_bytes(image))
        names = [class_names[label - 1] for label in labels]
        xml = annotation_xml(f"{stem}.png", image.shape[1::-1], boxes, names, difficult, truncated)
        (annotations / f"{stem}.xml").write_bytes(xml.encode())
        stems.append(stem)
    (image_sets / f"{split}.txt").write_bytes("".join(f"{stem}\n" for stem in stems).encode())
