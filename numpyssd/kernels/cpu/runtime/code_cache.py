"""Compiled code on disk, safe for several processes at once, and never a reason to stop.

Numba numbers the files of a function 1, 2, ... for the types it was compiled for, and keeps a list of them. Two
processes that compile it for different types at the same time may both take number 1, and a third process would then
run code made for other types. Here the name of a file is a digest of what the code is for, so only the same code has
the same name. Where the disk is full, read-only or damaged, the code is compiled and not kept. The same holds where a
Numba lacks one of the private parts that docs/versions.md lists.
"""

import contextlib
import hashlib
import pickle
from pathlib import Path

import numba

try:
    from numba.core.caching import IndexDataCacheFile
except ImportError:  # keep_on_disk says so
    IndexDataCacheFile = object  # type: ignore[misc]

PRIVATE = ("_cache_path", "_data_path", "_dump", "_index_name", "_load_index", "_open_for_write", "_save_index")


class CodeCache(IndexDataCacheFile):
    """The list of codes of one function, and their files; ``key`` says for which types and which processor one is."""

    def save(self, key, data):
        """Keep the code for a key; without room or permission, or where Numba has changed, do nothing."""
        with contextlib.suppress(Exception):
            codes = self._codes()
            if not codes:  # the sources have changed: the files of earlier ones are useless
                self._remove_files()
            name = self._name(key)
            self._save_data(name, data)  # before the list, so that the list never names a missing file
            self._save_index({**codes, key: name})

    def load(self, key):
        """Return the code for a key, or None if there is none that can be read."""
        name = self._codes().get(key)
        try:
            return None if name is None else self._load_data(name)
        except Exception:  # unpickling a damaged file may raise anything
            return None

    def _codes(self):
        try:
            return dict(self._load_index())
        except Exception:
            return {}

    def _save_data(self, name, data):
        data = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(hashlib.sha256(data).digest() + data)

    def _load_data(self, name):
        content = Path(self._data_path(name)).read_bytes()
        digest, data = content[:32], content[32:]
        if hashlib.sha256(data).digest() != digest:  # machine code with a wrong bit would be run, and crash
            raise ValueError(f"{name} is damaged")
        return pickle.loads(data)

    def _name(self, key):
        digest = hashlib.sha256(repr((key, self._source_stamp)).encode()).hexdigest()[:16]
        return f"{Path(self._index_name).stem}.{digest}.nbc"

    def _remove_files(self):
        for path in Path(self._cache_path).glob(f"{Path(self._index_name).stem}.*.nbc"):
            path.unlink(missing_ok=True)


def keep_on_disk(dispatcher, stamp):
    """Let a dispatcher of Numba keep its code in a CodeCache for as long as ``stamp``, a text, is the same.

    Raises AttributeError, which says what is missing, where this Numba has other private parts.
    """
    try:
        before = dispatcher._cache._cache_file
        cache = CodeCache(before._cache_path, Path(before._index_name).stem, stamp)
        for name in PRIVATE:
            getattr(cache, name)
    except (AttributeError, TypeError) as reason:
        version = numba.__version__
        raise AttributeError(f"Numba {version} is too new for that ({reason}): install numba<{version}") from None
    dispatcher._cache._cache_file = cache
    return dispatcher
