"""Files that are no photograph get a sentence that names them, and so do the names of files get no power."""

import json
import zlib

import pytest
from PIL import Image

from numpyssd.errors import InputError
from numpyssd.images.read import read_image
from tests.browser.opened import expect
from tests.browser.photographs import encoded, scenes

IMAGE = scenes(1)[0]
FILES = {  # name: content, a word of the sentence
    "empty.jpg": (b"", "is empty (0 bytes)"),
    "notes.txt": (b"no image at all", "is not an image of a known kind"),
    "page.pdf": (b"%PDF-1.7\n%", "is a document of pages"),
    "clip.mp4": (b"\0\0\0\x20ftypisom\0\0\2\0", "is a video"),
    "phone.heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "is a HEIC photograph"),
    "raw.cr3": (b"\0\0\0\x18ftypcrx \0\0\0\1", "is the raw data of a camera"),
    "scan.tif": (encoded(IMAGE, "TIFF"), "is a TIFF"),
    "lines.svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "is a drawing of lines"),
    "saved.html": (b"<!doctype html><html>", "is a web page"),
    "all.zip": (b"PK\x03\x04\x14\0", "is a ZIP archive"),
    "half.jpg": (encoded(IMAGE)[:2000], "is damaged or cut short"),
    "half.png": (encoded(IMAGE, "PNG")[:9000], "is damaged or cut short"),
    "half.webp": (encoded(IMAGE, "WEBP")[:900], "is damaged or cut short"),
}
READ_BY_PYTHON = ("scan.tif",)


@pytest.fixture
def files(tmp_path):
    for name, (content, _) in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_each_file_that_is_no_photograph_gets_a_sentence(tiny, files):
    paths = [files / name for name in FILES]
    for start in range(0, len(paths), 5):
        tiny.page.set_input_files("#files", list(map(str, paths[start : start + 5])))
        expect(tiny.at("#messages li")).to_have_count(len(paths[start : start + 5]))
        for path, sentence in zip(paths[start : start + 5], tiny.sentences()):
            assert sentence.startswith(f"{path.name} {FILES[path.name][1]}")
        tiny.at("#dismiss").click()
        expect(tiny.at("#errors")).to_be_hidden()
    expect(tiny.at("#result")).to_be_hidden()


@pytest.mark.parametrize("name", [name for name in FILES if name not in READ_BY_PYTHON])
def test_what_the_page_refuses_the_command_refuses_too(files, name):
    with pytest.raises(InputError, match=name):
        read_image(files / name)


def test_the_others_are_computed_all_the_same(tiny, files):
    for i in range(2):
        IMAGE.save(files / f"good{i}.png")
    tiny.give(*(files / name for name in ("empty.jpg", "good0.png", "half.jpg", "good1.png")))
    assert len(tiny.sentences()) == 2
    assert [line["image"] for line in tiny.lines()] == ["good0.png", "good1.png"]


def test_a_file_that_claims_too_many_pixels_is_refused_before_it_is_decoded(tiny, tmp_path):
    content = bytearray(encoded(Image.new("L", (8, 8)), "PNG"))
    content[16:24] = (60000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    (tmp_path / "bomb.png").write_bytes(content)
    tiny.page.set_input_files("#files", str(tmp_path / "bomb.png"))
    sentence = "bomb.png claims more than 179 million pixels and is refused; scale it down first"
    expect(tiny.at("#messages li")).to_have_text(sentence)
    with pytest.raises(InputError, match=sentence):
        read_image(tmp_path / "bomb.png")


def test_names_of_files_are_text(tiny, tmp_path):
    names = ["<img src=x onerror=alert(1)>.png", "안전모 🙂 & \"quotes'.png", "turn\u202egnp.jpg", "line\nbreak.png"]
    for name in names:
        (tmp_path / name).write_bytes(encoded(IMAGE, "PNG"))
    tiny.give(*(tmp_path / name for name in names))
    assert tiny.page.locator("main img, main script").count() == 0
    shown = tiny.at("#strip .name").all_inner_texts()
    assert shown == [names[0], names[1], "turn\\u202egnp.jpg", "line\\u000abreak.png"]
    assert [line["image"] for line in tiny.lines()] == names
    tiny.at("#strip button").nth(3).click()
    tiny.wait()
    assert tiny.status().startswith("line\\u000abreak.png (")


def test_names_of_classes_are_text(hostile, tmp_path):
    image = tmp_path / "a.png"
    scenes(3)[2].save(image)
    hostile.give(image)
    hostile.set_threshold(1)
    names = json.loads(hostile.at("#model").text_content())["class_names"]
    assert {found["label"] for found in hostile.lines()[0]["detections"]} <= set(names)
    shown = set(hostile.at("#found .name").all_inner_texts())
    assert shown & {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)> & '", "안전모 <!--"}
    assert not any("\u202e" in name or "\x1b" in name for name in shown)
    assert hostile.page.locator("main script, main img").count() == 0
    assert hostile.at("#title").inner_text().startswith('Finds <script>alert(1)</script>, "><img')
