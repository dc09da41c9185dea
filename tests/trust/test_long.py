"""Long runs: the memory stays as it is after a while, and no file is left open.

NUMPYSSD_LONG_BATCH sets another batch than 2 for the 2,000 iterations of TINY.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import numpyssd
from numpyssd.datasets.shapes import ShapesDataset

PLACES = os.pathsep.join([str(Path(numpyssd.__file__).parents[1]), str(Path(__file__).parents[1])])
ENVIRONMENT = {**os.environ, "PYTHONPATH": PLACES, "NUMPYSSD_BACKEND": "cpu", "PYTHONUNBUFFERED": "1"}
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
TRAIN = """
import os, sys
from numpyssd.config import TINY
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.run import checkpoints
from short_run import before_each_step, short_run
checkpoints.CHECKPOINT_SECONDS = 1
batch = int(os.environ.get("NUMPYSSD_LONG_BATCH", "2"))
training = short_run(
    sys.argv[1], ShapesDataset(8, split="val"), dataset=ShapesDataset(64), config=TINY, batch_size=batch,
    iterations=2000, evaluations=20,
)
def shown(iteration):
    if iteration % 100 == 0:
        print("\\nline", iteration, flush=True)
        sys.stdin.readline()
before_each_step(training, shown)
training.run()
print("\\nline", 2000, flush=True)
sys.stdin.readline()
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc, which Linux has")


def look(process):
    """Return the memory in MiB, the number of open files and of threads of a process that waits."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    files = len(os.listdir(f"/proc/{process.pid}/fd"))
    return pages * PAGE / 2**20, files, len(os.listdir(f"/proc/{process.pid}/task"))


def start(*command):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, *map(str, command)], env=ENVIRONMENT, **pipes)


def flat(seen, first, last):
    """See that the memory grows by less than 2 % between two of the looks, and files and threads not at all."""
    (before, *counts), (after, *later) = seen[first], seen[last]
    growth = f"{before:.1f} MiB after {first}, {after:.1f} MiB after {last}: {after / before - 1:+.2%}"
    print(f"{growth}; files and threads {later}")
    assert after < 1.02 * before, seen
    assert later == counts, seen


def test_two_thousand_iterations_of_tiny(tmp_path):
    seen = {}
    with start("-c", TRAIN, tmp_path) as process:
        for line in process.stdout:
            if line.startswith("line "):
                seen[int(line.split()[1])] = look(process)
                process.stdin.write("\n")
                process.stdin.flush()
    assert process.returncode == 0
    flat(seen, 500, 1900)
    assert seen[2000][1] <= seen[100][1]  # the log is closed
    assert sorted(os.listdir(tmp_path)) == ["best.npz", "last.npz", "log.csv"]


def test_detecting_in_five_thousand_images(tmp_path):
    from short_run import THIN

    from numpyssd import weights
    from numpyssd.model.ssd import SSD

    for name in ("images", "links"):
        (tmp_path / name).mkdir()
    dataset = ShapesDataset(10)
    for i in range(10):
        size = (700 + 30 * i, 5 + i)  # long and low, because small ones come out enlarged, which takes most of the time
        Image.fromarray(dataset[i][0]).resize(size).save(tmp_path / "images" / f"{i}.png")
    for i in range(5000):
        (tmp_path / "links" / f"{i:04}.png").symlink_to(tmp_path / "images" / f"{i % 10}.png")
    weights.save(SSD(THIN, seed=1), tmp_path / "a.npz")
    options = ["--weights", tmp_path / "a.npz", "--out", tmp_path / "out", "--json", "--score", "0.99"]
    options += ["--threads", "1"]  # more have little to do in so small a network
    seen, count = {}, 0
    with start("-m", "numpyssd.detect", tmp_path / "links", *options) as process:
        for line in process.stdout:
            assert line.startswith('{"image": ')
            count += 1
            if count in (1000, 4900):
                seen[count] = look(process)
    assert process.returncode == 0
    assert count == 5000
    assert len(os.listdir(tmp_path / "out")) == 5000
    flat(seen, 1000, 4900)
