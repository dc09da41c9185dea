"""The HTML page of a detector as a text: nothing in it is raw, and no two of its scripts have a name in common.

What it does is tested in tests/browser, in Chromium.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from numpyssd import export
from numpyssd.browser import page, playground
from numpyssd.browser.network import describe
from numpyssd.errors import InputError
from numpyssd.weights import load_model

NAMES = ("</script><script>alert(1)</script>", "<!-- <script>", "안전모", "🙂", "half \ud83d @PAGE@")


class Elements(HTMLParser):
    """The elements of a page that hold text which is no HTML, and the attributes of all."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.open, self.attributes = [], None, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.attributes += attributes
        if tag == "script":
            self.texts.append((dict(attributes), ""))

    def handle_data(self, data):
        if self.cdata_elem == "script":
            attributes, text = self.texts.pop()
            self.texts.append((attributes, text + data))


@pytest.fixture(scope="module")
def elements():
    model = load_model("tiny", NAMES)
    return Elements(page.detector_page(*describe(model, "</title><b>.npz")))


def test_whatever_the_names_are_there_are_four_scripts(elements):
    attributes, texts = zip(*elements.texts)
    assert [a.get("id") for a in attributes] == ["model", "weights", "network", None]
    model = json.loads(texts[0])
    assert tuple(model["class_names"]) == NAMES
    assert model["weights_file"] == "title><b>.npz"  # what follows the last slash
    assert base64.b64decode(texts[1], validate=True) == describe(load_model("tiny"), "x")[1]
    assert not re.search(r"^\s*(import|export)\b", texts[2] + texts[3], re.MULTILINE)


def test_only_its_own_scripts_may_run_and_nothing_is_loaded(elements):
    policy = next(value for name, value in elements.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    for _, text in elements.texts[2:]:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
    addresses = [value for name, value in elements.attributes if name in ("src", "href")]
    assert [address for address in addresses if not address.startswith("#")] == []


def test_the_scripts_are_javascript(elements, tmp_path):
    node = shutil.which("node")
    if not node:
        pytest.skip("no Node.js here; on Debian: apt install nodejs")
    path = tmp_path / "both.js"  # one after the other, as they share a scope in the page
    path.write_text("\n".join(text for _, text in elements.texts[2:]), encoding="utf-8")
    result = subprocess.run([node, "--check", str(path)], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr


def test_two_scripts_with_a_name_in_common_are_told_of(tmp_path):
    for name, text in (
        ("a.js", "export const LIMIT = 1, other = 2;\nexport function f() {}\n"),
        ("b.js", 'import { f } from "./a.js";\nexport async function g() {}\nclass LIMIT {}\n'),
        ("c.js", 'import {\n  f,\n  h,\n} from "./a.js";\n'),
        ("d.js", 'import { g } from "./b.js";\nconst { other } = {}, text = "</script>";\n'),
    ):
        (tmp_path / name).write_text(text)
    a, b, c, d = (tmp_path / f"{letter}.js" for letter in "abcd")
    assert page.modules([d]) == [a, b, d]
    with pytest.raises(ValueError, match=r"a\.js and b\.js both have the name LIMIT"):
        page.check_names(page.modules([b]))
    with pytest.raises(ValueError, match=r"a\.js and d\.js both have the name other"):
        page.check_names([a, d])
    with pytest.raises(ValueError, match=r"c\.js imports h, which \./a\.js does not have"):
        page.check_names(page.modules([c]))
    with pytest.raises(ValueError, match="</script"):
        page.script([d])
    body = f"// ---- {tmp_path.name}/b.js\nasync function g() {{}}\nclass LIMIT {{}}\n"
    assert page.script([b], "g();\n") == f'"use strict";\n{body}g();\n'


def test_each_name_of_a_declaration_is_seen():
    text = "export const A = [1, 2], B = f({ c: 1, d: [2] }, (e) => e === 1), C = 3; // F = 1, G = 2\nlet h, i = 1;\n"
    assert page.names_at_top(text + "const { j, k } = A;\nexport async function* l() {}\n  const m = 1;\n") == [
        "l", "A", "B", "C", "h", "i", "j", "k",
    ]  # fmt: skip


def test_no_two_scripts_of_the_playground_have_a_name_in_common(monkeypatch, tmp_path):
    assert playground.playground_page().count("<script") == 6  # two that run, and four with data
    twin, modules = tmp_path / "twin.js", page.modules
    twin.write_text("export function startPlayground() {}\n")
    monkeypatch.setattr(page, "modules", lambda entries: modules([*entries, twin]))
    with pytest.raises(ValueError, match=r"twin\.js and main\.js both have the name startPlayground"):
        playground.playground_page()


def test_the_command_of_the_playground(tmp_path, capsys):
    target = tmp_path / "new" / "page.html"
    assert playground.main(["--out", str(target)]) == 0
    assert "startPlayground" in target.read_text(encoding="utf-8")
    assert capsys.readouterr().out == f"page written to {target}; open it in a browser\n"
    assert playground.main(["--out", str(tmp_path)]) == 2
    assert "is a folder; give a file in it, such as " in capsys.readouterr().err
    assert playground.main(["--out", str(target), "--weights", "tiny", str(target)]) == 2
    assert "would replace the weights" in capsys.readouterr().err


def test_the_command_writes_the_page(tmp_path, capsys):
    target = tmp_path / "new" / "detector.html"
    assert export.main(["--weights", "tiny", "--html", str(target), "--class-names", "a,b,c,d,<e>"]) == 0
    assert re.fullmatch(rf"{target}: 2\.\d MB, tiny, 5 classes; open it in a browser\n", capsys.readouterr().out)
    assert [path.name for path in target.parent.iterdir()] == ["detector.html"]
    assert "\\u003ce>" in target.read_text(encoding="utf-8")


def test_eight_bits_make_a_smaller_page(tmp_path):
    sizes = []
    for bits in ("16", "8"):
        target = tmp_path / f"{bits}.html"
        assert export.main(["--weights", "tiny", "--html", str(target), "--bits", bits]) == 0
        sizes.append(target.stat().st_size)
    assert 0.9e6 < sizes[0] - sizes[1] < 1.1e6  # a byte of each of 0.75 million weights, in base64


def test_it_replaces_neither_the_weights_nor_its_other_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    weights = tmp_path / "best.npz"
    weights.write_bytes(b"weights")
    for words, sentence in (
        (["--html", str(weights)], "--html .*best.npz would replace the weights"),
        (["--onnx", "./best.npz"], "--onnx ./best.npz would replace the weights"),
        (["--html", "a", "--onnx", str(tmp_path / "a")], "--html and --onnx both name a;"),
    ):
        with pytest.raises(InputError, match=sentence):
            export.main(["--weights", "best.npz", *words])
    assert weights.read_bytes() == b"weights"
    assert list(tmp_path.iterdir()) == [weights]


def test_what_the_command_refuses(tmp_path):
    for words, sentence in (
        ([], "nothing to write is named; give --html detector.html"),
        (["--html", str(tmp_path)], r"is a folder; give a file in it, such as .*detector\.html"),
        (["--html", "a.html", "--output", "detections"], "--output is of ONNX files; leave it out"),
        (
            ["--html", "a.html", "--one-label"],
            "--one-label is of ONNX files; leave it out, for a page has a box to tick",
        ),
        (["--onnx", "a.onnx", "--bits", "8"], "--bits is of pages; leave it out"),
    ):
        with pytest.raises(InputError, match=sentence):
            export.main(["--weights", "tiny", *words])
