"""The opening of report.html: how good the detector is and how sure that is, what to do next, and examples."""

import re
from html import escape

from numpyssd.console import counted
from numpyssd.inference.evaluation.bootstrap import FEW_IMAGES
from numpyssd.inference.evaluation.measurement import USUAL_SCORE
from numpyssd.reports import page
from numpyssd.reports.results.advice import advice
from numpyssd.reports.results.validation import ClassResult, Validation

HEADS = ("class", "AP", "what goes wrong most", "95 % interval", "found", "training objects", "best score", "F1")
RIGHT = "Objects that were found, drawn at random."
WRONG = "Wrong boxes with the highest scores, and the largest missed objects. Now and then the annotation is wrong."
OPTION = re.compile(r"--[a-z][a-z-]*( [a-z0-9]+(?=\)))?")


def overview(validation: Validation, log: dict, config: dict, commands: list[str]) -> list[str]:
    """Return the parts of the page. log, config: see advice; commands: how the detector is used, ready to copy."""
    parts = [f'<div class="card head">{headline(validation)}</div>']
    parts.append("<h2>What to do next</h2>")
    sentences = "".join(f"<li>{_with_options(one)}</li>" for one in advice(validation, log, config))
    parts.append(f'<div class="card"><ul class="advice">{sentences}</ul></div>')
    parts.append("<h2>Use it</h2>")
    lines = f"<pre>{escape(chr(10).join(commands))}</pre>"
    parts.append(f'<div class="card">{lines}<p class="soft">{_scores(validation)}</p></div>')
    parts.append("<h2>Classes</h2>")
    parts.append(f'<div class="card">{class_table(validation)}</div>')
    for heading, text, examples in (("Right", RIGHT, validation.right), ("Wrong", WRONG, validation.wrong)):
        parts.append(f"<h2>{heading}</h2>")
        colors = "Green: the annotation. Orange: what was found."
        said = f"{text} {colors}" if examples else "None."
        parts.append(f'<p class="soft">{said}</p>')
        pictures = (page.example(one.jpeg, one.title, one.text, one.image) for one in examples)
        parts.append(f'<div class="examples">{"".join(pictures)}</div>')
    if validation.confusion is not None:
        names = [one.name for one in validation.classes]
        parts.append("<h2>What is taken for what</h2>")
        parts.append(f'<div class="card">{page.confusion_table(names, validation.confusion)}</div>')
    return parts


def headline(validation: Validation) -> str:
    """Return the mAP with its interval."""
    images = counted(validation.images, f"{validation.split} image")
    if validation.mean is None:
        return f'<b>–</b><span class="soft">no mAP: no object that counts on {escape(images)}</span>'
    text = f"mean average precision (mAP) on {images}, from 0 to 1"
    if validation.low is not None and validation.high is not None:
        text += f"; on other images of the kind {validation.low:.2f} to {validation.high:.2f} (95 % interval)"
        text += "; of so few images this means little" if validation.images < FEW_IMAGES else ""
    return f'<b>{validation.mean:.3f}</b><span class="soft">{escape(text)}</span>'


def class_table(validation: Validation) -> str:
    """Return the classes, the worst first, so that what fails is read first."""
    known = sorted(validation.classes, key=lambda one: (one.ap is None, one.ap or 0))
    head = "".join(f"<th>{text}</th>" for text in HEADS)
    rows = []
    for one in known:
        interval = "–" if one.low is None or one.high is None else f"{one.low:.2f} to {one.high:.2f}"
        taught = "–" if one.train_objects is None else f"{one.train_objects}"
        cells = [
            one.name, "no objects" if one.ap is None else f"{one.ap:.3f}", why(one) or "–", interval,
            f"{one.correct} of {one.objects}", taught, _short(one.score), _short(one.f1),
        ]  # fmt: skip
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return f'<table class="classes"><tr>{head}</tr>{"".join(rows)}</table>'


def why(one: ClassResult) -> str:
    """Return why a class fails, in a few words, from its most frequent error; "" if it hardly does."""
    total, errors = max(one.objects, 1), one.errors
    kind = max(errors, key=errors.get)
    if errors[kind] < max(1, 0.05 * total):
        return ""
    words = {
        "localization": "boxes fit badly", "classification": "boxes of it lie on other classes",
        "both": "boxes of it lie beside other classes", "duplicate": "found twice",
        "background": "found where nothing is", "missed": "missed",
    }[kind]  # fmt: skip
    if kind == "missed" and 2 * one.uncovered >= errors[kind]:
        words = "missed, too small for the default boxes"
    elif kind == "missed" and one.taken_for and 2 * one.taken_for[0][1] >= errors[kind]:
        return f"taken for {one.taken_for[0][0]}: {one.taken_for[0][1]}"
    return f"{words}: {errors[kind]}"


def _with_options(sentence):
    """Return a sentence with its options as code, which a browser does not break in two."""
    return OPTION.sub(lambda found: f"<code>{found[0]}</code>", escape(sentence))


def _short(value):
    return "–" if value is None else f"{value:.2f}"


def _scores(validation):
    if all(one.score is None for one in validation.classes):
        shown = f"Boxes over a score of {USUAL_SCORE} are shown"
        return f"{shown}; the validation images have too few objects to find a better one."
    return "Boxes are shown from the best score of their class on, which is stored in the file; --score sets another."
