"""What to type after a training measures images that are there."""

from types import SimpleNamespace

import pytest
from PIL import Image
from voc_root import xml

from numpyssd.cli.finish import next_commands
from numpyssd.datasets.loading import load_automatic
from numpyssd.datasets.splits.record import IN_RUN, write


@pytest.mark.parametrize(("count", "split"), [(1, "all"), (2, "val"), (3, "test")])
def test_the_split_of_few_images(tmp_path, count, split):
    for name in "abc"[:count]:
        Image.new("RGB", (30, 20), (ord(name), 9, 9)).save(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.xml").write_text(xml([("pin", (2, 3, 20, 18))]))
    write(tmp_path / IN_RUN, load_automatic(tmp_path).record())
    options = SimpleNamespace(
        tiny=False, data=str(tmp_path), out=tmp_path, split="auto", val_split="auto", bad_data="error",
        missing_labels="error",
    )  # fmt: skip
    assert f" --split {split}" in next_commands(options, tmp_path / "best.npz")[0]
