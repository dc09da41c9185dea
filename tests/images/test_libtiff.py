"""libtiff: its messages stay away from standard error, and ours do not."""

import os
import sys

import numpy as np
import pytest
from PIL import Image

from numpyssd.errors import InputError
from numpyssd.images.libtiff import silenced
from numpyssd.images.read import read_image


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "group4", "jpeg"])
def test_a_broken_tiff_is_one_sentence(tmp_path, capfd, compression):
    path = tmp_path / "a.tif"
    pixels = np.kron(np.random.default_rng(0).integers(0, 256, (8, 8), np.uint8), np.ones((8, 8), np.uint8))
    image = Image.fromarray(pixels).convert("1" if compression == "group4" else "L")
    image.save(path, compression=compression)
    content = bytearray(path.read_bytes())
    for at in range(12, 120):  # the pixels, which follow the first 8 bytes
        content[at] = (7 * content[at] + at) % 256
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.tif is damaged or cut short"):
        read_image(path)
    assert capfd.readouterr() == ("", "")


def test_standard_error_comes_back(capfd):
    with silenced():
        os.write(2, b"of a library\n")
    with pytest.raises(KeyError), silenced():
        raise KeyError
    print("ours", file=sys.stderr, flush=True)
    assert capfd.readouterr().err == "ours\n"


def test_a_closed_standard_error_is_no_reason_to_stop(monkeypatch):
    def closed(number):
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "dup", closed)
    with silenced():
        pass
