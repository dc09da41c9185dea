import errno
import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest
import requests
from loopback import FAST, serving
from windows import held

from numpyssd import files
from numpyssd.datasets.download import download
from numpyssd.datasets.download import fetch as module
from numpyssd.datasets.download.sources import SOURCES, Source
from numpyssd.datasets.download.unpacking import differing, read_sums, unpack
from numpyssd.datasets.voc import VOCDataset
from numpyssd.datasets.voc.writer import annotation_xml, png_bytes
from numpyssd.download import main
from numpyssd.errors import InputError
from numpyssd.transfer import CHUNK, Resumable

ROOT = Path(__file__).resolve().parents[2]
BCCD = Path(os.environ.get("NUMPYSSD_BCCD", ROOT / "../shared/data/bccd"))


def tar(members, compression=""):
    """Return a tar file of (name, bytes), or of (name, type, target of a link)."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=f"w:{compression}") as archive:
        for name, content, *target in members:
            member = tarfile.TarInfo(name)
            if target:
                member.type, member.linkname = content, target[0]
                archive.addfile(member)
            else:
                member.size, member.mode = len(content), 0o4755
                archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def voc_tar(split, count=3):
    """Return an archive of one split, laid out as those of VOC are, of some 200 kB."""
    image = np.random.default_rng(0).integers(0, 255, (150, 150, 3)).astype(np.uint8)
    xml = annotation_xml("", (150, 150), [[1, 2, 30, 40]], ["cat"], [False], [False]).encode()
    top, stems = "VOCdevkit/VOC2007", [f"{split}_{k}" for k in range(count)]
    members = [(f"{top}/JPEGImages/{stem}.png", png_bytes(image)) for stem in stems]
    members += [(f"{top}/Annotations/{stem}.xml", xml) for stem in stems]
    members += [(f"{top}/ImageSets/Main/{split}.txt", "\n".join(stems).encode())]
    return tar([*members, ("VOCdevkit/VOCcode/VOCinit.m", b"% not wanted")])


TRAINVAL, TEST = voc_tar("trainval"), voc_tar("test")


def kept(asked):
    """Whether a Range begins where the first archive broke off: after a third of it, but for a chunk in the air."""
    start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
    return len(TRAINVAL) // 3 - CHUNK < start <= len(TRAINVAL) // 3


@pytest.fixture
def server(monkeypatch):
    with serving(monkeypatch) as one:
        yield one


@pytest.fixture
def voc(server, monkeypatch):
    """Let ``voc2007`` be two small archives on the server."""
    server.files = {"/trainval.tar": TRAINVAL, "/test.tar": TEST}
    archives = tuple(
        (name[1:], server.url + name, hashlib.sha256(content).hexdigest()) for name, content in server.files.items()
    )
    monkeypatch.setitem(SOURCES, "voc2007", SOURCES["voc2007"]._replace(archives=archives))
    return server


def refused(name, out, *words, **options):
    """Let a download end in one sentence with these words, and with nothing at the place of the data."""
    with pytest.raises(InputError) as caught:
        download(name, out, **{**FAST, **options})
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert str(word) in message
    assert not (out / SOURCES[name].folder).exists()
    assert not (out / "downloads/unpacking").exists()
    return message


def files_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# ---- what is right ---------------------------------------------------------------------------------------------------


def check_whole(out):
    folder = out / "VOCdevkit/VOC2007"
    for split in ("trainval", "test"):
        data = VOCDataset(folder, split)
        assert len(data) == 3
        assert data[2][0].shape == (150, 150, 3)
    assert len(files_below(out)) == 14  # and no archive, nothing of VOCcode, nothing temporary
    assert sorted(path.name for path in out.iterdir()) == ["VOCdevkit"]


def test_a_data_set_appears_whole_and_ready(voc, tmp_path, capsys):
    assert download("voc2007", tmp_path / "new", **FAST) == tmp_path / "new/VOCdevkit/VOC2007"
    check_whole(tmp_path / "new")
    assert voc.asked == [("/trainval.tar", None), ("/test.tar", None)]
    assert "fetching" in capsys.readouterr().out


def test_permissions_in_the_archive_are_not_taken_over(voc, tmp_path):
    download("voc2007", tmp_path, **FAST)
    for path in (tmp_path / "VOCdevkit").rglob("*.xml"):
        assert path.stat().st_mode & 0o7111 == 0


def test_what_is_there_is_left_untouched_and_nothing_is_fetched(voc, tmp_path, capsys):
    folder = tmp_path / "VOCdevkit/VOC2007"
    (folder / "ImageSets/Main").mkdir(parents=True)
    (folder / "ImageSets/Main/trainval.txt").write_text("my own\n")
    (folder / "ImageSets/Main/cat_trainval.txt").write_text("my own 1\n")
    assert main(["voc2007", "--out", str(tmp_path)]) == 0
    assert len(files_below(tmp_path)) == 2
    assert (folder / "ImageSets/Main/trainval.txt").read_text() == "my own\n"
    assert voc.asked == []
    assert "left as it is (splits: trainval)" in capsys.readouterr().out


def test_an_empty_folder_is_filled(voc, tmp_path):
    (tmp_path / "VOCdevkit/VOC2007").mkdir(parents=True)
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)


# ---- connections that break ------------------------------------------------------------------------------------------


def test_broken_connections_are_taken_up_where_they_broke(voc, tmp_path):
    voc.behavior = [{"drop"}, {"drop"}, {"drop"}, {"drop"}, {"drop"}, {""}, {"drop"}, {""}]  # more often than tries
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)
    ranges = [int(asked[6:-1]) if asked else 0 for name, asked in voc.asked if name == "/trainval.tar"]
    assert len(ranges) == 6
    assert ranges[0] == 0
    assert np.all(np.diff(ranges) > 0)
    assert kept(f"bytes={ranges[1]}-")


def test_a_server_without_ranges_sends_all_of_it_again(voc, tmp_path):
    voc.behavior = [{"drop"}, {"norange", "drop"}, {"norange"}]
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)
    assert kept(voc.asked[1][1])
    assert kept(voc.asked[2][1])


def test_another_part_than_was_asked_for_is_not_added(voc, tmp_path):
    voc.behavior = [{"drop"}, {"shifted"}]
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)
    assert kept(voc.asked[1][1])
    assert voc.asked[2][1] is None


def test_a_server_that_does_not_tell_the_length(voc, tmp_path):
    voc.behavior = [{"chunked", "drop"}, {"chunked"}, {"chunked"}]
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)


def test_fewer_bytes_than_were_announced_are_not_the_whole(voc, tmp_path, monkeypatch):
    """Older versions of urllib3 end quietly when a connection breaks off."""
    plain = requests.Response.iter_content

    def quiet(self, *arguments):
        try:
            yield from plain(self, *arguments)
        except requests.exceptions.ChunkedEncodingError:
            return

    monkeypatch.setattr(requests.Response, "iter_content", quiet)
    voc.behavior = [{"drop"}]
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)
    assert kept(voc.asked[1][1])


def test_a_server_that_falls_silent(voc, tmp_path):
    voc.behavior = [{"stall"}]
    download("voc2007", tmp_path, **{**FAST, "timeout": 0.2})
    check_whole(tmp_path)
    assert voc.asked[1][1] is not None


def test_a_busy_server_is_asked_again(voc, tmp_path):
    voc.behavior = [{503}, {500}, {""}, {429}]
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)


def test_patience_ends_and_the_next_call_goes_on(voc, tmp_path):
    voc.behavior = [{"drop"}, *[{500}] * 2]
    message = refused("voc2007", tmp_path, "trainval.tar", "500", "are kept; check the network and run this again")
    assert len(voc.asked) == 3
    assert re.search(r"the 0\.\d MB that arrived", message)
    assert files_below(tmp_path) == ["downloads/trainval.tar.part"]
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)
    assert kept(voc.asked[3][1])


def test_pauses_grow(tmp_path, voc, monkeypatch):
    pauses = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    voc.behavior = [{500}] * 9
    refused("voc2007", tmp_path, tries=5, pause=1)
    assert pauses == [1, 2, 4, 8]


def test_what_is_whole_already_is_not_fetched_again(voc, tmp_path):
    """A call that was stopped between the two archives, and one between fetching and renaming."""
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads/trainval.tar").write_bytes(TRAINVAL)
    (tmp_path / "downloads/test.tar.part").write_bytes(TEST)
    (tmp_path / "downloads/unpacking/VOC2007/JPEGImages").mkdir(parents=True)
    (tmp_path / "downloads/unpacking/VOC2007/JPEGImages/half.png").write_bytes(b"half")
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)
    assert voc.asked == [("/test.tar", f"bytes={len(TEST)}-")]


def test_remains_of_a_longer_file_are_dropped(voc, tmp_path):
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads/trainval.tar.part").write_bytes(TRAINVAL + b"more")
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)


# ---- what is wrong ---------------------------------------------------------------------------------------------------


def test_wrong_bytes_are_noticed_and_not_kept(voc, tmp_path):
    voc.behavior = [{"wrong"}]
    refused("voc2007", tmp_path, "trainval.tar", "other bytes than are known", "was removed; run this again")
    assert files_below(tmp_path) == []
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)


def test_wrong_bytes_from_an_earlier_call_are_noticed_too(voc, tmp_path):
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads/trainval.tar.part").write_bytes(b"of another file")
    refused("voc2007", tmp_path, "other bytes than are known")
    (tmp_path / "downloads/test.tar").write_bytes(b"put there by hand, but wrong")
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)


def test_a_server_that_has_it_no_more(voc, tmp_path):
    voc.files.clear()
    place = tmp_path / "downloads/trainval.tar"
    refused("voc2007", tmp_path, "trainval.tar can't be fetched (the server answers 404 Not Found)", f"at {place}")
    assert len(voc.asked) == 1  # asking again would not help
    place.write_bytes(TRAINVAL)  # what the sentence advises
    voc.files["/test.tar"] = TEST
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)


def test_no_network(voc, tmp_path, monkeypatch):
    voc.shutdown()
    voc.server_close()
    refused("voc2007", tmp_path, "refuses the connection", "check the network")
    archives = (("a.tar", "http://no-such-host.invalid/a.tar", None),)
    monkeypatch.setitem(SOURCES, "voc2007", SOURCES["voc2007"]._replace(archives=archives))
    refused("voc2007", tmp_path, "no-such-host.invalid", "check the network")


class Full:
    """A file on a disk with room for some bytes."""

    room = 100_000

    def __init__(self, file):
        self.file = file

    def write(self, data):
        if Full.room < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        Full.room -= len(data)
        return self.file.write(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()


@pytest.mark.parametrize(("room", "left"), [(100_000, "trainval.tar.part"), (500_000, "trainval.tar")])
def test_a_full_disk_while_fetching_and_while_unpacking(voc, tmp_path, monkeypatch, room, left):
    plain = Path.open

    def opened(self, mode="r", *arguments, **options):
        file = plain(self, mode, *arguments, **options)
        return Full(file) if mode in ("wb", "ab") and tmp_path in self.parents else file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        patch.setattr(Full, "room", room)
        refused("voc2007", tmp_path, tmp_path, "No space left on device", "free some space")
    assert f"downloads/{left}" in files_below(tmp_path)
    before = len(voc.asked)
    download("voc2007", tmp_path, **FAST)  # once there is room
    check_whole(tmp_path)
    if room > 400_000:
        assert len(voc.asked) == before


def test_a_place_that_cannot_be_written(voc, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written .*choose another --out"):
        download("voc2007", tmp_path / "file", **FAST)


@pytest.mark.parametrize("step", ["fetching", "unpacking", "renaming"])
def test_ctrl_c_leaves_nothing_that_looks_whole(voc, tmp_path, monkeypatch, step):
    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if step == "fetching":
            patch.setattr("shutil.move", stop)
        else:
            patch.setattr(*((module, "_unpack", stop) if step == "unpacking" else (Path, "replace", stop)))
        with pytest.raises(KeyboardInterrupt):
            download("voc2007", tmp_path, **FAST)
    assert not (tmp_path / "VOCdevkit/VOC2007").exists()
    assert {str(Path(name).parent) for name in files_below(tmp_path)} <= {"downloads"}
    download("voc2007", tmp_path, **FAST)
    check_whole(tmp_path)


COMMAND = """
import sys
from numpyssd import download
from numpyssd.cli import command
from numpyssd.datasets.download import sources
url, digest = sys.argv[1:3]
source = sources.SOURCES["voc2012"]
sources.SOURCES["voc2012"] = source._replace(archives=(("a.tar", url, digest),), inside="VOCdevkit/VOC2007")
command.run(download.main, sys.argv[3:])
"""


def command(*arguments):
    return subprocess.Popen([sys.executable, "-c", COMMAND, *map(str, arguments)], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no Ctrl-C to another process alone")
def test_the_command_ends_as_all_commands_do(server, tmp_path):
    server.files = {"/a.tar": TRAINVAL}
    digest = hashlib.sha256(TRAINVAL).hexdigest()
    address = f"{server.url}/a.tar"

    server.behavior = [{"stall"}]
    process = command(address, digest, "voc2012", "--out", tmp_path)
    for _ in range(200):
        if (tmp_path / "downloads/a.tar.part").exists():
            break
        time.sleep(0.05)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "what has arrived is kept; the same command goes on with it" in said
    assert "Traceback" not in errors
    assert files_below(tmp_path) == ["downloads/a.tar.part"]

    server.behavior = [{404}]
    process = command(address, digest, "voc2012", "--out", tmp_path)
    said, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1

    process = command(address, digest, "voc2012", "--out", tmp_path)
    said, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    folder = tmp_path / "VOCdevkit/VOC2012"
    assert f"python -m numpyssd.explore --data {folder} --split trainval" in said
    assert len(VOCDataset(folder, "trainval")) == 3
    ranges = [asked for _, asked in server.asked]
    assert ranges[0] is None
    assert ranges[1] == ranges[2] != None  # noqa: E711


# ---- unpacking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evil",
    [
        ("../evil", b"x"),
        ("top/../../evil", b"x"),
        ("/tmp/evil", b"x"),
        ("top/a/../evil", b"x"),
        ("top/link", tarfile.SYMTYPE, "/etc"),
        ("top/link", tarfile.LNKTYPE, "top/a"),
        ("top/pipe", tarfile.FIFOTYPE, ""),
        ("top/device", tarfile.CHRTYPE, ""),
        ("top\\evil", b"x"),
        ("top/c:evil", b"x"),
    ],
)
@pytest.mark.parametrize("inside", ["top", "*"])
def test_evil_archives_are_refused(tmp_path, evil, inside):
    (tmp_path / "a.tar").write_bytes(tar([("top/a", b"good"), evil]))
    if evil[0] == "top\\evil":  # a file of that name beside the folder, and so not taken
        assert unpack(tmp_path / "a.tar", tmp_path / "to/here", inside) == 1
        return
    with pytest.raises(InputError, match="is refused") as caught:
        unpack(tmp_path / "a.tar", tmp_path / "to/here", inside)
    assert repr(evil[0]) in str(caught.value)
    assert files_below(tmp_path) == ["a.tar", "to/here/a"]


def test_only_what_is_inside_is_taken(tmp_path):
    content = [("x-1/BCCD/a/b", b"1"), ("x-1/BCCD", b"a file"), ("x-1/other/c", b"2"), ("./x-1/BCCD/d", b"3")]
    (tmp_path / "a.tar.gz").write_bytes(tar(content, "gz"))
    assert unpack(tmp_path / "a.tar.gz", tmp_path / "to", "*/BCCD") == 2
    assert files_below(tmp_path / "to") == ["a/b", "d"]
    assert unpack(tmp_path / "a.tar.gz", tmp_path / "only", "*/BCCD", only={"d"}) == 1
    assert files_below(tmp_path / "only") == ["d"]


@pytest.mark.parametrize("compression", ["", "gz"])
def test_damaged_archives(tmp_path, compression):
    whole = tar([("top/a", bytes(range(256)) * 400), ("top/b", b"2")], compression)
    middle = len(whole) // 2
    # Changed bytes in the middle are for the sums to notice: a tar file has none over its files.
    cases = [whole[:middle], b"<html>Log in to this network</html>", b""]
    for content in cases:
        (tmp_path / "a.tar").write_bytes(content)
        with pytest.raises(InputError, match="a.tar is damaged"):
            unpack(tmp_path / "a.tar", tmp_path / "to", "top")


# ---- BCCD, whose files are verified ----------------------------------------------------------------------------------


@pytest.fixture
def small_bccd(server, monkeypatch, tmp_path):
    """Let ``bccd`` be an archive of three files, known by their sums."""
    files = {"Annotations/a.xml": b"<annotation/>", "JPEGImages/a.jpg": b"jpeg", "ImageSets/Main/train.txt": b"a\n"}
    sums = tmp_path / "sums"
    sums.write_text("".join(f"{hashlib.sha256(c).hexdigest()}  {name}\n" for name, c in files.items()))
    source = Source("bccd", "*/BCCD", (("b.tar.gz", f"{server.url}/b", None),), sums)
    monkeypatch.setitem(SOURCES, "bccd", source)

    def serve(**changes):
        members = {**files, "extra.py": b"import os", **changes}
        server.files["/b"] = tar([(f"B-1/BCCD/{n}", c) for n, c in members.items() if c is not None], "gz")
        return files

    return serve


def test_each_file_is_verified_and_no_other_is_taken(small_bccd, tmp_path):
    files = small_bccd()
    folder = download("bccd", tmp_path / "out", **FAST)
    assert folder == tmp_path / "out/bccd"
    assert {name: (folder / name).read_bytes() for name in files_below(folder)} == files
    assert files_below(tmp_path / "out") == [f"bccd/{name}" for name in sorted(files)]


@pytest.mark.parametrize("content", [b"other", None])
def test_a_file_that_is_wrong_or_missing(small_bccd, tmp_path, content):
    small_bccd(**{"JPEGImages/a.jpg": content, "Annotations/a.xml": content})
    refused("bccd", tmp_path, "Annotations/a.xml is missing or has other bytes", "first of 2", "run this again")
    assert "downloads/b.tar.gz" not in files_below(tmp_path)  # or the next call would find it wrong again
    small_bccd()
    download("bccd", tmp_path, **FAST)


def test_an_archive_of_something_else(small_bccd, server, tmp_path):
    small_bccd()
    for content, words in ((tar([("B-1/other/a", b"x")], "gz"), "nothing in */BCCD"), (b"<html>", "damaged")):
        server.files["/b"] = content
        refused("bccd", tmp_path, words)
        assert "downloads/b.tar.gz" not in files_below(tmp_path)


def test_the_list_of_bccd_is_whole():
    sums = read_sums(SOURCES["bccd"].sums)
    parts = [Path(name).parts[0] for name in sums]
    assert [parts.count(name) for name in ("Annotations", "JPEGImages", "ImageSets")] == [364, 364, 4]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in sums.values())
    stems = [{Path(name).stem for name in sums if name.startswith(kind)} for kind in ("Annotations", "JPEGImages")]
    assert stems[0] == stems[1]


@pytest.mark.skipif(not (BCCD / "Annotations").is_dir(), reason=f"{BCCD} is absent; set NUMPYSSD_BCCD")
def test_the_list_of_bccd_is_that_of_the_files(tmp_path):
    sums = read_sums(SOURCES["bccd"].sums)
    assert differing(BCCD, sums) == []
    name = "ImageSets/Main/train.txt"
    (tmp_path / "ImageSets/Main").mkdir(parents=True)
    (tmp_path / name).write_bytes((BCCD / name).read_bytes() + b"\n")
    assert len(differing(tmp_path, sums)) == 732


# ---- where they come from --------------------------------------------------------------------------------------------


def test_every_source_can_be_verified():
    for source in SOURCES.values():
        for name, url, digest in source.archives:
            assert url.endswith(name) or digest is None
            assert source.sums or re.fullmatch("[0-9a-f]{64}", digest)
    assert {name: source.folder for name, source in SOURCES.items()} == {
        "voc2007": "VOCdevkit/VOC2007",
        "voc2012": "VOCdevkit/VOC2012",
        "bccd": "bccd",
    }
    # url_checksums/voc.txt of TensorFlow Datasets
    known = {name: digest for source in SOURCES.values() for name, _, digest in source.archives if digest}
    assert {name: f"{digest[:8]}…{digest[-8:]}" for name, digest in known.items()} == {
        "VOCtrainval_06-Nov-2007.tar": "7d8cd951…020c7508",
        "VOCtest_06-Nov-2007.tar": "6836888e…609b4892",
        "VOCtrainval_11-May-2012.tar": "e14f7632…91763bcb",
    }


def test_an_unknown_name_is_refused_with_those_that_are_known(capsys):
    with pytest.raises(SystemExit):
        main(["voc2008"])
    assert "voc2007" in capsys.readouterr().err


def test_a_downloader_for_pooch_leaves_the_file_where_it_is_told_to(server, tmp_path):
    server.files["/x"] = b"x" * 1000
    server.behavior = [{"drop"}]
    Resumable(tmp_path / "x.part", **FAST)(f"{server.url}/x", tmp_path / "x", None)
    assert (tmp_path / "x").read_bytes() == b"x" * 1000
    assert files_below(tmp_path) == ["x"]


# ---- Windows, where a virus scanner holds what has just arrived ------------------------------------------------------


@pytest.mark.parametrize(("function", "times"), [("replace", 2), ("unlink", 2), ("unlink", 1000)])
def test_a_virus_scanner_is_waited_for(voc, tmp_path, monkeypatch, function, times):
    act, refusals = getattr(Path, function), []

    def patient(path, *arguments, **options):
        if len(refusals) < times:
            refusals.append(path)
            raise held(32, str(path))
        return act(path, *arguments, **options)

    monkeypatch.setattr(files.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(Path, function, patient)
    folder = download("voc2007", tmp_path, **FAST)
    assert len(refusals) == min(times, files.TRIES)
    assert len(VOCDataset(folder, "trainval")) == 3  # whether the archives could be removed or not


def test_a_folder_that_stays_open_is_one_sentence(voc, tmp_path, monkeypatch):
    def refuse(path, target):
        raise held(5, str(path), None, str(target))

    monkeypatch.setattr(files.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(Path, "replace", refuse)
    refused("voc2007", tmp_path, "VOC2007 is open in another program; close it there or choose another --out")
