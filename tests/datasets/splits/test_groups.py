"""Images that look alike stay together, and no group swallows the data."""

from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from numpyssd.datasets.splits import groups
from numpyssd.datasets.splits.groups import group, most_in_a_group


def scene(seed):
    """Return a picture of its own, 48 x 36 pixels: coarse noise, as different from another as photographs are."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8), np.uint8)
    return np.kron(coarse, np.ones((6, 6), np.uint8))


def write(folder, pictures):
    paths = []
    for name, picture in pictures.items():
        paths.append(folder / name)
        Image.fromarray(picture).save(paths[-1])
    return paths


def grouped(paths):
    found, apart = group(paths, [sha256(path.read_bytes()).hexdigest() for path in paths])
    assert sorted(i for members in found for i in members) == list(range(len(paths)))
    return [members for members in found if len(members) > 1], apart


def test_a_burst_is_a_group_and_different_photographs_are_none(tmp_path):
    pictures = {f"{k:02}.png": scene(k) for k in range(24)}
    for name in ("05a.png", "05b.png"):
        pictures[name] = np.clip(scene(5).astype(int) + 12 + len(name), 0, 255).astype(np.uint8)
    pictures = dict(sorted(pictures.items()))
    names, (found, apart) = list(pictures), grouped(write(tmp_path, pictures))
    assert [[names[i] for i in members] for members in found] == [["05.png", "05a.png", "05b.png"]]
    assert apart == []


def test_the_copies_of_roboflow_are_a_group_whatever_they_look_like(tmp_path):
    names = [f"photo{k}_jpg.rf.{hex(77 * k + copy)}.png" for k in range(4) for copy in range(3)]
    names += ["photo0_jpg.png", "photo1.png"]  # not named by Roboflow
    paths = write(tmp_path, {name: scene(seed) for seed, name in enumerate(names)})
    assert grouped(paths) == ([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]], [])


def test_copies_of_a_single_photograph_are_not_kept_together(tmp_path):
    names = [f"photo_jpg.rf.{k}.png" for k in range(6)] + ["other_jpg.rf.0.png"]
    assert grouped(write(tmp_path, {name: scene(seed) for seed, name in enumerate(names)})) == ([], [])


def test_a_picture_that_looks_like_a_copy_joins_its_group_or_is_told(tmp_path):
    pictures = {f"p{k}_jpg.rf.{copy}.png": scene(3 * k + copy) for k in range(10) for copy in range(3)}
    pictures["z.png"] = np.clip(scene(4).astype(int) + 9, 0, 255).astype(np.uint8)
    assert grouped(write(tmp_path, pictures))[0][1] == [3, 4, 5, 30]


def test_the_same_bytes_are_a_group_even_of_one_color(tmp_path):
    blank = np.full((36, 48), 90, np.uint8)
    pictures = {"a.png": blank, "b.png": blank, **{f"c{k}.png": scene(k) for k in range(10)}, "z.png": blank + 5}
    found, _ = grouped(write(tmp_path, pictures))
    assert found == [[0, 1]]  # of one color and other bytes: like nothing


def test_frames_of_a_camera_that_stands_still_are_cut_into_groups(tmp_path):
    pictures = {}
    for k in range(100):
        frame = scene(0).copy()
        frame[10:16, k // 3 : k // 3 + 6] = 255  # something passes
        pictures[f"frame{k:03}.png"] = frame
    found, apart = grouped(write(tmp_path, pictures))
    assert max(map(len, found)) <= most_in_a_group(100) == 5
    assert len(found) >= 20
    assert len({i for pair in apart for i in pair}) > 50


@pytest.mark.parametrize(("count", "most"), [(1, 1), (3, 1), (8, 2), (20, 5), (100, 5), (1000, 50)])
def test_how_many_a_group_may_have(count, most):
    assert most_in_a_group(count) == most


def test_of_very_many_each_is_compared_with_its_neighbors_by_name(tmp_path, monkeypatch):
    pictures = {f"{k:02}.png": scene(k) for k in range(24)}
    pictures["06.png"] = np.clip(scene(5).astype(int) + 9, 0, 255).astype(np.uint8)
    pictures["23.png"] = np.clip(scene(0).astype(int) + 9, 0, 255).astype(np.uint8)
    paths = write(tmp_path, pictures)
    assert grouped(paths)[0] == [[0, 23], [5, 6]]
    monkeypatch.setattr(groups, "BLOCK", 4)
    assert grouped(paths)[0] == [[0, 23], [5, 6]]
    monkeypatch.setattr(groups, "MAX_IMAGES", 20)
    assert grouped(paths)[0] == [[5, 6]]
