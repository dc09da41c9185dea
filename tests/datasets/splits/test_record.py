"""The table of an automatic split: what it finds again, what it refuses."""

import pytest

from numpyssd.datasets.splits.record import Entry, Record, digest, read, write
from numpyssd.errors import InputError

ENTRIES = [Entry("val", "b/ü, 1.jpg", "22"), Entry("train", "a.jpg", "11"), Entry("test", "bad\udcff\n.jpg", "33")]


def test_what_is_written_is_read_again(tmp_path):
    write(tmp_path / "split.csv", Record(ENTRIES))
    found = read(tmp_path / "split.csv")
    assert found.entries == Record(ENTRIES).entries
    first, second = (tmp_path / "split.csv").read_bytes().splitlines()[:2]
    assert (first, second) == (b"part,image,sha256", b"train,a.jpg,11")
    assert read(tmp_path / "none.csv").entries == {}


def test_an_image_is_found_by_its_content_and_else_by_its_name():
    record = Record(ENTRIES)
    assert record.part("a.jpg", "11") == "train"
    assert record.part("renamed.jpg", "22") == "val"
    assert record.part("a.jpg", "other bytes") == "train"
    assert record.part("a.jpg", "22") == "val"  # the content says more than the name
    assert record.part("new.jpg", "44") is None
    twice = Record([*ENTRIES, Entry("test", "copy.jpg", "11")])  # the same bytes in two parts
    assert (twice.part("a.jpg", "11"), twice.part("copy.jpg", "11")) == ("train", "test")
    assert twice.part("third.jpg", "11") is None


def test_entries_that_are_there_stay():
    record = Record(ENTRIES).with_entries([Entry("test", "a.jpg", "11"), Entry("val", "new.jpg", "44")])
    assert (record.part("a.jpg", "11"), record.part("new.jpg", "44")) == ("train", "val")


@pytest.mark.parametrize("line", ["train,a.jpg", "training,a.jpg,11", "train,a.jpg,11,12", '"train'])
def test_a_damaged_line_is_named(tmp_path, line):
    (tmp_path / "split.csv").write_text(f"part,image,sha256\n\ntrain,b.jpg,12\n{line}\n")
    with pytest.raises(InputError, match=r"split\.csv, line 4: .* mend the line"):
        read(tmp_path / "split.csv")


def test_a_table_that_a_spreadsheet_saved_again(tmp_path):
    (tmp_path / "split.csv").write_bytes(b"\xef\xbb\xbfpart,image,sha256\r\nval,a.jpg,11\r\n")
    assert read(tmp_path / "split.csv").part("a.jpg", "11") == "val"


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        digest(tmp_path / "none.jpg")
