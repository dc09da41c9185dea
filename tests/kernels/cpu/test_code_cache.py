"""code_cache: two processes at once, files that are damaged, and disks that take nothing."""

import os
import shutil

import pytest
from numba.core.caching import IndexDataCacheFile

from numpyssd.kernels.cpu.runtime.code_cache import CodeCache

KEYS = "code for float32", "code for float64"


def interleaved(kind, folder):
    """Let two processes keep code for other types at once; return what is found for each, by one that comes later."""
    first, second = (kind(str(folder), "f-1.py311", "stamp") for _ in range(2))
    codes, save_data = first._load_index(), IndexDataCacheFile._save_data

    def as_before(cache):
        # Each has looked at the list before the other one wrote it.
        cache._load_index = lambda: dict(codes)

    def late(self, name, data):
        second.save(KEYS[1], KEYS[1])
        type(self)._save_data(self, name, data) if kind is CodeCache else save_data(self, name, data)

    as_before(first)
    as_before(second)
    first._save_data = lambda name, data: late(first, name, data)
    first.save(KEYS[0], KEYS[0])
    third = kind(str(folder), "f-1.py311", "stamp")
    return [third.load(key) for key in KEYS]


def test_code_for_one_type_never_comes_for_another(tmp_path):
    for name in ("numba", "ours"):
        (tmp_path / name).mkdir()
    found = interleaved(IndexDataCacheFile, tmp_path / "numba")
    assert found[1] == KEYS[0]  # so it would be seen
    found = interleaved(CodeCache, tmp_path / "ours")
    assert [code for code, key in zip(found, KEYS) if code not in (key, None)] == []
    assert any(found)


@pytest.fixture
def cache(tmp_path):
    cache = CodeCache(str(tmp_path), "f-1.py311", "stamp")
    for key in KEYS:
        cache.save(key, key * 100)
    assert [cache.load(key) for key in KEYS] == [key * 100 for key in KEYS]
    return cache


def test_other_sources_find_nothing_and_leave_nothing_behind(cache, tmp_path):
    other = CodeCache(str(tmp_path), "f-1.py311", "another stamp")
    assert other.load(KEYS[0]) is None
    other.save(KEYS[0], "new")
    assert other.load(KEYS[0]) == "new"
    assert cache.load(KEYS[0]) is None
    assert len(os.listdir(tmp_path)) == 2  # the list and one code


@pytest.mark.parametrize("damage", [lambda d: b"", lambda d: d[:-5], lambda d: d[:40], lambda d: b"x" * 99, "flip"])
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_a_damaged_file_is_written_anew(cache, tmp_path, suffix, damage):
    for path in tmp_path.glob(f"*.{suffix}"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 4
        path.write_bytes(data if damage == "flip" else damage(path.read_bytes()))
    for key in KEYS:
        found = cache.load(key)
        assert found in (None, key * 100)
        if suffix == "nbc":
            assert found is None
        cache.save(key, key * 100)
        assert cache.load(key) == key * 100


def test_files_that_are_gone(cache, tmp_path):
    shutil.rmtree(tmp_path)
    assert cache.load(KEYS[0]) is None
    cache.save(KEYS[0], "x")  # there is no folder; nothing happens
    tmp_path.mkdir()


def test_a_full_disk_is_no_reason_to_stop(cache, tmp_path, monkeypatch):
    before = sorted(os.listdir(tmp_path))

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.save("code for float16", "x")
    monkeypatch.undo()
    assert sorted(os.listdir(tmp_path)) == before
    assert cache.load(KEYS[0]) == KEYS[0] * 100
