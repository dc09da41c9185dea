"""libtiff: its messages stay away from standard error, and ours do not."""

import contextlib
import os
import sys

import numpy as np
import pytest
from PIL import Image

from numpyssd.errors import InputError
from numpyssd.images.libtiff import silenced
from numpyssd.images.read import read_image


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "group4", "packbits", "jpeg"])
def test_a_broken_tiff_is_one_sentence(tmp_path, capfd, compression):
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (64, 64), dtype=np.uint8))
    image = image.convert("1") if compression == "group4" else image
    image.save(tmp_path / "a.tif", compression=compression)
    content = bytearray((tmp_path / "a.tif").read_bytes())
    content[200:-40:3] = rng.integers(0, 256, len(content[200:-40:3]), dtype=np.uint8).tobytes()
    (tmp_path / "a.tif").write_bytes(content)
    with contextlib.suppress(InputError):  # some damage only shows
        read_image(tmp_path / "a.tif")
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
