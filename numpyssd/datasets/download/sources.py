"""Where VOC and BCCD come from, and how their bytes are known."""

from pathlib import Path
from typing import NamedTuple


class Source(NamedTuple):
    """A data set: the folder it goes to, the path in its archives that is taken, and the archives.

    archives: (file name, address, SHA-256, or None where the archive has no bytes of its own). sums: a list of the
    SHA-256 of each file, as the command sha256sum writes it; then only files in it are taken.
    """

    folder: str
    inside: str
    archives: tuple
    sums: Path | None = None


_VOC = "http://host.robots.ox.ac.uk/pascal/VOC"
_BCCD = "d272fb14cdff6e473fafeeeba32aba5f560e9e43"  # the commit of 21 November 2019

# The sums of VOC's archives are those that TensorFlow Datasets lists (url_checksums/voc.txt). BCCD's archive is made by
# GitHub at each request, and its bytes may change with the packer; its files may not.
SOURCES = {
    "voc2007": Source(
        "VOCdevkit/VOC2007",
        "VOCdevkit/VOC2007",
        (
            (
                "VOCtrainval_06-Nov-2007.tar",
                f"{_VOC}/voc2007/VOCtrainval_06-Nov-2007.tar",
                "7d8cd951101b0957ddfd7a530bdc8a94f06121cfc1e511bb5937e973020c7508",
            ),
            (
                "VOCtest_06-Nov-2007.tar",
                f"{_VOC}/voc2007/VOCtest_06-Nov-2007.tar",
                "6836888e2e01dca84577a849d339fa4f73e1e4f135d312430c4856b5609b4892",
            ),
        ),
    ),
    "voc2012": Source(
        "VOCdevkit/VOC2012",
        "VOCdevkit/VOC2012",
        (
            (
                "VOCtrainval_11-May-2012.tar",
                f"{_VOC}/voc2012/VOCtrainval_11-May-2012.tar",
                "e14f763270cf193d0b5f74b169f44157a4b0c6efa708f4dd0ff78ee691763bcb",
            ),
        ),
    ),
    "bccd": Source(
        "bccd",
        "*/BCCD",
        (
            (
                f"BCCD_Dataset-{_BCCD[:8]}.tar.gz",
                f"https://github.com/Shenggan/BCCD_Dataset/archive/{_BCCD}.tar.gz",
                None,
            ),
        ),
        Path(__file__).with_name("bccd.sha256"),
    ),
}
