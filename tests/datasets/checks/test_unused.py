"""Images that no split uses are named, and what macOS packs beside them is not."""

from PIL import Image
from voc_root import xml

from numpyssd.datasets.checks.unused import unused_files
from numpyssd.datasets.loading import load_dataset


def test_what_macos_packs_beside_images_is_passed_over(tmp_path):
    for name in ("a.png", "._a.png", ".new.png"):
        Image.new("RGB", (30, 20), "blue").save(tmp_path / name)
    (tmp_path / "a.xml").write_text(xml([("pin", (2, 3, 20, 18))]))
    (tmp_path / "._a.xml").write_bytes(b"\0\5\x16\7")
    (issue,) = unused_files(tmp_path, {"all": load_dataset(tmp_path, "all")})
    assert str(issue) == f"{tmp_path}/.new.png: an image in no split; training never sees it"
