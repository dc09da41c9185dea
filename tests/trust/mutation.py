"""Damage to files, drawn at random from a seed: bytes of any file, values of JSON, entries of zip archives."""

import copy
import io
import json
import zipfile

ODD_NUMBERS = [b"\0" * 8, b"\xff" * 8, b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\xff" * 7 + b"\x7f", b"\1\0\0\0"]
ODD_VALUES = [
    None, True, False, 0, 1, -1, 7, 1 << 31, -(1 << 63), 10**30, 0.5, 1e-300, 1e300, float("nan"), float("inf"), "",
    "x", "naïve\n\x1b[31m", "9" * 5000, [], [[]], {}, [1, 2], [None], {"a": 1}, "../../etc/passwd", "\ud800", "\0",
    1e9, 4096, 65536,
]  # fmt: skip


def mutated(data, rng, most=4):
    """Return bytes with one to ``most`` changes."""
    data = bytearray(data)
    for _ in range(rng.integers(1, most + 1)):
        CHANGES[rng.integers(len(CHANGES))](data, rng)
    return bytes(data)


def _place(data, rng):
    # Heads and ends say what the rest is, so half of the changes are there.
    if rng.random() < 0.25:
        return int(rng.integers(min(len(data), 300) + 1))
    if rng.random() < 0.33:
        return len(data) - int(rng.integers(min(len(data), 600) + 1))
    return int(rng.integers(len(data) + 1))


def _piece(data, rng):
    start = _place(data, rng)
    return slice(start, start + int(2 ** rng.uniform(0, 9)))


def _flip(data, rng):
    place = _place(data, rng)
    if place < len(data):
        data[place] ^= 1 << int(rng.integers(8))


def _byte(data, rng):
    place = _place(data, rng)
    data[place : place + 1] = bytes([int(rng.integers(256))])


def _number(data, rng):
    place, odd = _place(data, rng), ODD_NUMBERS[rng.integers(len(ODD_NUMBERS))]
    data[place : place + len(odd)] = odd


def _remove(data, rng):
    del data[_piece(data, rng)]


def _double(data, rng):
    piece = _piece(data, rng)
    data[piece.start : piece.start] = data[piece] * int(rng.integers(1, 20))


def _move(data, rng):
    piece = bytes(data[_piece(data, rng)])
    place = _place(data, rng)
    data[place : place + len(piece)] = piece


def _random(data, rng):
    place = _place(data, rng)
    data[place:place] = rng.bytes(int(2 ** rng.uniform(0, 7)))


def _cut(data, rng):
    del data[_place(data, rng) :]


CHANGES = [_flip, _flip, _byte, _byte, _number, _remove, _double, _move, _random, _cut]


def mutated_values(value, rng):
    """Return a copy of what JSON can say with one to three values replaced, removed, duplicated or renamed."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.integers(1, 4)):
        holders = [held for held in _holders(value) if held]
        if not holders:
            return value
        holder = holders[rng.integers(len(holders))]
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = keys[rng.integers(len(keys))]
        change = rng.integers(6)
        if change == 0:
            del holder[key]
        elif change == 1 and isinstance(holder, list):
            holder.append(holder[key])
        elif change == 1:
            holder["odd"] = holder[key]
        else:
            holder[key] = copy.deepcopy(ODD_VALUES[rng.integers(len(ODD_VALUES))])
    return value


def _holders(value):
    if isinstance(value, dict | list):
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from _holders(part)


def mutated_entry(data, rng, only=None):
    """Return a zip archive with one entry damaged and every checksum right; ``only`` part of the names is touched."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in entries if only is None or only in name]
    name = names[rng.integers(len(names))]
    head = 128 if name.endswith(".npy") and rng.random() < 0.7 else len(entries[name])  # which says how long it is
    entries[name] = mutated(entries[name][:head], rng) + entries[name][head:]
    if rng.random() < 0.1:
        entries.pop(list(entries)[rng.integers(len(entries))])
    return zipped(entries)


def zipped(entries):
    """Return the bytes of a zip archive of entries, {name: bytes}."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return memory.getvalue()
