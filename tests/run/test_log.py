import csv
import os

import numpy as np
import pytest
from windows import held, refusing_replace

from numpyssd import files
from numpyssd.errors import InputError
from numpyssd.run.log import COLUMNS, Log, read_log


def write(path, iterations, resume_at=None):
    log = Log(path, resume_at)
    for i in iterations:
        log.add(iteration=i, loss=1 / 3, positives=7, images_per_second=float(i))
    log.close()
    return path


def test_the_columns_are_those_that_are_promised():
    assert ",".join(COLUMNS) == (
        "iteration,epoch,seconds,lr,loss,loc,conf,positives,negatives,gradient_norm,images_per_second,val_map"
    )


def test_a_row_keeps_six_digits_and_leaves_out_what_is_not_known(tmp_path):
    path = write(tmp_path / "log.csv", [1])
    assert path.read_text().splitlines() == [",".join(COLUMNS), "1,,,,0.333333,,,7,,,1,"]
    log = Log(path)
    log.add(iteration=5, loss=np.float64(1234567.0), val_map=float("nan"), unknown="x")
    log.close()
    assert path.read_text().splitlines()[1] == "5,,,,1.23457e+06,,,,,,,nan"


def test_each_row_is_on_the_disk_at_once(tmp_path):
    log = Log(tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text().count("\n") == 1
    log.add(iteration=1)
    assert (tmp_path / "log.csv").read_text().count("\n") == 2
    log.close()


def test_a_new_run_begins_a_new_log(tmp_path):
    write(tmp_path / "log.csv", [1, 11, 21])
    assert list(read_log(write(tmp_path / "log.csv", [1]))["iteration"]) == [1]


def test_resuming_drops_what_comes_after_the_checkpoint(tmp_path):
    write(tmp_path / "log.csv", [1, 11, 21, 31])
    path = write(tmp_path / "log.csv", [22, 32], resume_at=21)
    assert list(read_log(path)["iteration"]) == [1, 11, 21, 22, 32]
    with open(path, newline="") as file:
        assert all(len(row) == len(COLUMNS) for row in csv.reader(file))


@pytest.mark.parametrize(
    "end", ["21,3.5,0.0", "21,3.5,0.01,", "\0\0\0\0", "x" * 50, '"21', "21" + "," * 30, ",,,,,,,,,,,"]
)
def test_a_log_that_a_crash_has_damaged_is_no_obstacle(tmp_path, end):
    path = write(tmp_path / "log.csv", [1, 11])
    with open(path, "a", newline="") as file:
        file.write(end)
    assert list(read_log(write(path, [21], resume_at=20))["iteration"]) == [1, 11, 21]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"no,log\n1,2\n"])
def test_a_log_of_something_else_is_replaced(tmp_path, content):
    (tmp_path / "log.csv").write_bytes(content)
    assert list(read_log(write(tmp_path / "log.csv", [21], resume_at=20))["iteration"]) == [21]


def test_resuming_without_a_log_begins_one(tmp_path):
    assert list(read_log(write(tmp_path / "log.csv", [21], resume_at=20))["iteration"]) == [21]


def test_a_log_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(InputError, match=r"log.csv cannot be written \(No such file or directory\)"):
        Log(tmp_path / "no" / "log.csv")
    log = Log(tmp_path / "log.csv")

    def full():
        raise OSError(28, "No space left on device")

    file, log.file = log.file, type("Full", (), {"flush": lambda self: full(), "closed": False})()
    with pytest.raises(InputError, match=r"log.csv cannot be written \(No space left on device\); free some space"):
        log.add(iteration=1)
    file.close()


def test_a_log_that_a_spreadsheet_has_open_on_windows(tmp_path, monkeypatch):
    path, pauses = write(tmp_path / "log.csv", [1, 11]), []
    before = path.read_text()
    monkeypatch.setattr(files.time, "sleep", pauses.append)
    monkeypatch.setattr(os, "replace", refusing_replace(1000))
    with pytest.raises(InputError) as caught:
        Log(path, 11)
    assert str(caught.value) == f"{path} is open in another program; close it there and go on with --resume"
    assert path.read_text() == before
    monkeypatch.undo()

    tries = []

    def refused(*arguments, **options):
        tries.append(arguments)
        if len(tries) < 3:
            raise held(None, str(path))  # of open(): without a code of the system
        return open(*arguments, **options)

    monkeypatch.setattr(files.time, "sleep", pauses.append)
    monkeypatch.setattr("numpyssd.run.log.patiently", lambda act, *a, **o: files.patiently(refused, *a, **o))
    write(path, [21], 11)
    assert len(tries) == 3
    assert list(read_log(path)["iteration"]) == [1, 11, 21]


def test_a_folder_in_the_place_of_the_log_is_one_sentence(tmp_path):
    (tmp_path / "log.csv").mkdir()
    with pytest.raises(InputError, match=r"log\.csv cannot be read \((Is a directory|Permission denied)\)"):
        read_log(tmp_path / "log.csv")
