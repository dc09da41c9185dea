"""fonts: letters of every script are drawn with a font that has them, or as codes that differ, never as empty boxes."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from numpyssd import fonts
from numpyssd.drawing import draw_boxes, draw_image, new_figure, save_figure
from numpyssd.figure_text import make_drawable, set_legend
from numpyssd.reports.annotate import annotate

CHINESE = ("安全帽", "反光衣")


def block(width, height):
    """Return a glyph: a rectangle, or for no width a blank."""
    pen = TTGlyphPen(None)
    if width:
        corners = [(100, 0), (100, height), (100 + width, height), (100 + width, 0)]
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def write_font(path, letters, width=700):
    """Write a font in which each letter is a rectangle of its own height."""
    names = [".notdef", *(f"u{ord(letter):04x}" for letter in letters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): name for letter, name in zip(letters, names[1:])})
    builder.setupGlyf({name: block(width, 300 + 60 * i) for i, name in enumerate(names)})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (900, 100)))
    builder.setupHorizontalHeader(ascent=900, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=900, usWinAscent=900, usWinDescent=200)
    builder.setupPost()
    builder.save(path)
    return path


@pytest.fixture
def system(monkeypatch):
    """Return a function that makes some files the fonts of the system; before it is called, there are none."""
    import matplotlib.font_manager

    def forget():
        for remembered in (fonts.font_of, fonts._fonts, fonts._letters, fonts._can_draw, fonts._said_of):
            remembered.cache_clear()

    def has(*paths):
        monkeypatch.setattr(matplotlib.font_manager, "findSystemFonts", lambda: list(map(str, paths)))
        forget()

    has()
    yield has
    forget()


def label(name):
    """Return the pixels of an image with one detection of this name."""
    image = annotate(np.zeros((360, 360, 3), np.uint8), [[50, 80, 300, 300]], [1], [0.87], [name])
    return np.asarray(image)


def test_letters_of_the_default_font_stay(system):
    for text in ("cat", "naïve ñandú", "Ωmega", "кошка", "كرة", "שלום", "e\u0301", "_bolt", "$x$", "a^b"):
        assert fonts.drawable(text) == text
        assert {font for _, font in fonts.runs(text)} == {fonts.default_font()}


def test_letters_that_no_font_has_become_codes_and_are_named_once(system):
    with pytest.warns(UserWarning, match="no font here has the letters 安全帽 \\(CJK\\).*fonts-noto-cjk"):
        assert fonts.drawable("安全帽 x") == r"\u5b89\u5168\u5e3d x"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fonts.drawable("反光衣") == r"\u53cd\u5149\u8863"
    with pytest.warns(UserWarning, match="กลวย \\(Thai\\).*fonts-noto-core"):
        fonts.drawable("กลวย")
    with pytest.warns(UserWarning, match="🙂 \\(symbols\\).*symbola"):
        assert fonts.drawable("🙂 ok") == r"\U0001f642 ok"


def test_a_font_of_the_system_that_has_them_is_taken(system, tmp_path):
    path = write_font(tmp_path / "Chinese.ttf", "".join(CHINESE))
    system(tmp_path / "none.ttf", path)
    text = "hat 安全帽 0.87"
    assert fonts.drawable(text) == text
    assert list(fonts.runs(text)) == [("hat ", fonts.default_font()), ("安全帽 ", path), ("0.87", fonts.default_font())]


def test_a_plain_font_is_taken_before_a_bold_one_and_one_that_shows_nothing_never(system, tmp_path):
    bold, plain = (write_font(tmp_path / f"A{name}.ttf", "安") for name in ("-Bold", "-Regular"))
    empty = write_font(tmp_path / "AA.ttf", "安", width=0)
    marks = write_font(tmp_path / "LastResort-Regular.ttf", "安全")
    system(bold, empty, plain, marks)
    assert fonts.font_of("安") == plain
    assert fonts.font_of("全") is None


@pytest.mark.filterwarnings("ignore:no font here")
@pytest.mark.parametrize("installed", [False, True])
@pytest.mark.parametrize(
    "names",
    [CHINESE, ("bolt\ud83d", "bolt"), ("a\nb", "a\tb"), ("\u200b", " "), ("\u202ea", "a"), ("", "\x1b[31m")],
    ids=ascii,
)
def test_two_names_are_never_drawn_alike(system, tmp_path, names, installed):
    if installed:
        system(write_font(tmp_path / "Chinese.ttf", "".join(CHINESE)))
    one, other = map(label, names)
    assert one.shape == other.shape
    assert (one != other).any()


def test_a_very_long_name_is_drawn_at_once(system):
    assert len(fonts.drawable("x" * 1_000_000)) == fonts.MAX_LENGTH
    assert len(fonts.drawable("x" * 100, 40)) == 40
    assert label("W" * 1_000_000).shape == label("x").shape


NAMES = ("_bolt", "$x$", r"a$\bad{$", "安全帽", "🙂 ok", "bolt\ud83d", "x" * 300, "a\tb", "\u202ea", "_")


@pytest.mark.filterwarnings("ignore:no font here")
@pytest.mark.parametrize("installed", [False, True])
def test_a_figure_with_any_names_is_saved_without_a_word_of_matplotlib(system, tmp_path, installed):
    if installed:
        system(write_font(tmp_path / "Chinese.ttf", "安全帽"))
    figure, (left, right) = new_figure(1, 2, (8, 4))
    draw_image(left, np.zeros((50, 100, 3), np.uint8))
    draw_boxes(left, [[10, 20, 40, 45]] * len(NAMES), "ground truth", NAMES)
    left.set_title("\n".join(NAMES), parse_math=False)
    handles = [right.plot([0, 1])[0] for _ in NAMES]
    legend = set_legend(right, handles, NAMES, fontsize=6)
    right.set_yticks(range(len(NAMES)), NAMES, parse_math=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "no font here")
        save_figure(figure, tmp_path / "figure.png")
    shown = [text.get_text() for text in legend.get_texts()]
    assert len(shown) == len(set(shown)) == len(NAMES)
    assert shown[0] == "_bolt"
    assert shown[1] == "$x$"
    assert shown[3] == ("安全帽" if installed else r"\u5b89\u5168\u5e3d")
    assert [text.get_text() for text in right.get_yticklabels()] == shown
    assert max(map(len, shown)) <= 60


def test_our_own_texts_stay_as_they_are(system):
    figure, ax = new_figure()
    words = ["a title\n\n  of lines", "$\\alpha$ → β", " ", ""]
    texts = [ax.text(0, 0, text) for text in words]
    make_drawable(figure)
    assert [text.get_text() for text in texts] == words


def test_the_default_font_is_there():
    assert Path(fonts.default_font()).is_file()
