"""A whole step of training through ``GPU`` itself: batch sent ahead, forward, loss, backward, and every weight moved.

The network has all the kinds of layers and is otherwise as small as can be: 8 pixels, and a block a launch.
"""

import os
from dataclasses import replace

import numpy as np
import pytest
from short_run import arrays_of, short_run

from numpyssd import kernels
from numpyssd.config import TINY, FeatureMap
from numpyssd.kernels.cuda.runtime import device

if os.environ.get("NUMBA_ENABLE_CUDASIM") != "1":
    pytest.skip("needs NUMBA_ENABLE_CUDASIM=1 in the environment", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in scalar")

SMALLEST = replace(
    TINY,
    name="smallest",
    image_size=8,
    feature_maps=(FeatureMap("conv4_1", 2, 4, 3, 5, ()), FeatureMap("conv7", 1, 8, 5, 8, ())),
    extra_layers=(),
    base_blocks=((2,), (2,), (3,), (3,), (4,)),
    base_tail=(4, 4),
)


def test_it_moves_the_weights_as_the_reference_does(tmp_path):
    found = []
    for backend in ("reference", "cuda"):
        before = device.replace_gpu(device.GPU()) if backend == "cuda" else None
        folder = tmp_path / backend
        folder.mkdir()
        with kernels.using(backend):
            run = short_run(folder, config=SMALLEST, iterations=1, evaluations=1, batch_size=1)
            run.run()
            found.append(arrays_of(run))
        if backend == "cuda":
            device.replace_gpu(before)
    for name, expected in found[0].items():
        gap = np.linalg.norm(found[1][name] - expected) / max(np.linalg.norm(expected), 1e-2)
        assert gap < 1e-3, name
    assert any("velocity" in name and array.any() for name, array in found[0].items())
