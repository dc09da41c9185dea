"""Tests against other people's programs: torch, torchvision, pycocotools, onnxruntime, OpenCV.

``make test`` does not come here (``norecursedirs`` in pyproject.toml); ``make oracle`` makes an environment that has
these programs (requirements-oracle.txt) and runs this folder alone. A test imports its program at the top, so that one
that is not there is an error and not a silent skip.
"""

import pytest

from numpyssd import kernels


@pytest.fixture(autouse=True)
def cpu():
    """The fast kernels, whichever backend another test left."""
    with kernels.using("cpu"):
        yield
