"""Weights that other projects have published, by name: where each file is, and what its authors say of it.

The addresses and figures are taken from the sources that stand with them; nobody here has fetched a file or measured
its network, because the machines that this was written on have no such network.
"""

from typing import NamedTuple

TORCHVISION, AMDEGROOT = "https://download.pytorch.org/models", "https://s3.amazonaws.com/amdegroot-models"
CHAINERCV = "https://chainercv-models.preferred.jp"
VOC, COCO = "VOC07+12", "COCO 2017"


class Published(NamedTuple):
    """A published file of weights.

    - url: its address;
    - trained_on: the data;
    - image_size: in pixels; None: a base network;
    - classes: without background; None: a base network;
    - result: the figure of its authors, and where they say it;
    - checksum: "sha256:" and its first digits, or "md5:" and all of them; None where nobody has published one;
    - megabytes: as its authors say, of 2**20 bytes; None where they do not;
    - note: what else is to be known.
    """

    url: str
    trained_on: str
    image_size: int | None
    classes: int | None
    result: str
    checksum: str | None = None
    megabytes: float | None = None
    note: str = ""

    @property
    def file_name(self) -> str:
        """The name of the file, which is where it was published."""
        return self.url.rpartition("/")[2]


_MODELS = "torchvision/models"
_CHAINERCV = "examples/ssd/README.md of chainer/chainercv"
_AMDEGROOT = "README.md of amdegroot/ssd.pytorch"
_AWAY = "its server did not answer in 2024 (issue 46 of naoto0804/cross-domain-detection)"
# torchvision: the first digits of the SHA-256 are in the names of the files, sizes and figures in the two sources.
# ChainerCV: addresses in chainercv/links/model/ssd/ssd_vgg16.py, MD5 in rs_addons of jsk-ros-pkg.
PUBLISHED = {
    "torchvision:ssd300_vgg16": Published(
        f"{TORCHVISION}/ssd300_vgg16_coco-b556d3b4.pth", COCO, 300, 90,
        f"mAP 25.1 (coco) on val2017: {_MODELS}/detection/ssd.py", "sha256:b556d3b4", 135.988,
        "its labels are COCO's own numbers, of which ten are not used",
    ),
    "chainercv:ssd300-voc0712": Published(
        f"{CHAINERCV}/ssd300_voc0712_converted_2017_06_06.npz", VOC, 300, 20,
        f"mAP 77.8 (voc07) on VOC2007 test: {_CHAINERCV}", "md5:d420da9ec06c3d33820658394cfc305a",
        note=f"Caffe's weights, converted; {_AWAY}",
    ),
    "chainercv:ssd512-voc0712": Published(
        f"{CHAINERCV}/ssd512_voc0712_converted_2017_06_06.npz", VOC, 512, 20,
        f"mAP 79.7 (voc07) on VOC2007 test: {_CHAINERCV}", "md5:45de03b7bdaabb83cf5a25119662cd9e",
        note=f"Caffe's weights, converted; {_AWAY}",
    ),
    "amdegroot:ssd300_mAP_77.43_v2": Published(
        f"{AMDEGROOT}/ssd300_mAP_77.43_v2.pth", VOC, 300, 20, f"mAP 77.43 (voc07) on VOC2007 test: {_AMDEGROOT}",
    ),
    "amdegroot:ssd_300_VOC0712": Published(
        f"{AMDEGROOT}/ssd_300_VOC0712.pth", VOC, 300, 20, f"mAP 77.26 (voc07) on VOC2007 test: {_AMDEGROOT}",
        note="Caffe's weights, converted",
    ),
    "amdegroot:vgg16_reducedfc": Published(
        f"{AMDEGROOT}/vgg16_reducedfc.pth", "ImageNet", None, None, f"none; the file is named in {_AMDEGROOT}",
        note="Caffe's reduced VGG-16, from which the published SSDs were trained",
    ),
    "torchvision:vgg16": Published(
        f"{TORCHVISION}/vgg16-397923af.pth", "ImageNet", None, None,
        f"top-1 accuracy 71.592 % on ImageNet's val: {_MODELS}/vgg.py", "sha256:397923af", 527.796,
    ),
    "torchvision:vgg16_features": Published(
        f"{TORCHVISION}/vgg16_features-amdegroot-88682ab5.pth", "ImageNet", None, None,
        f"none, it has no classifier: {_MODELS}/vgg.py", "sha256:88682ab5", 527.802,
        "Caffe's VGG-16 without conv6 and conv7, from which torchvision's SSD was trained",
    ),
    "chainercv:vgg16": Published(
        f"{CHAINERCV}/ssd_vgg16_imagenet_converted_2017_06_09.npz", "ImageNet", None, None, "none",
        note=f"Caffe's reduced VGG-16, converted; {_AWAY}",
    ),
}  # fmt: skip


def key_of(name: str) -> str | None:
    """Return the name in PUBLISHED that a user means, who may leave out the project if it is the only one; or None."""
    found = [key for key in PUBLISHED if key == name or key.partition(":")[2] == name]
    return found[0] if len(found) == 1 else None
