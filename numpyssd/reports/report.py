"""The report of a training run: ``curves.png`` and ``report.html``, of log.csv, config.json and validation.json."""

import json
from html import escape
from pathlib import Path

from numpyssd import shell
from numpyssd.console import safe
from numpyssd.errors import InputError
from numpyssd.files import write_error, written_whole
from numpyssd.json_files import is_number
from numpyssd.reports import page
from numpyssd.reports.curves import DARK, LIGHT, PANELS, curves_png
from numpyssd.reports.gradient_figure import write_gradient_figure
from numpyssd.reports.results.overview import overview
from numpyssd.reports.results.validation import read_validation
from numpyssd.run.gradient_report import FIGURE as GRADIENTS
from numpyssd.run.log import read_log, series

# Figures that training may have left in the folder, and what they show.
FIGURES = {
    "data.png": "Training images as the network sees them, with their objects",
    "detections.png": "What the trained network detects",
    GRADIENTS: "How fast each layer learns",
}


def write_report(out_dir: Path | str) -> Path:
    """Write ``curves.png`` and ``report.html`` into a training folder, and return the path of the page.

    All files in it may be missing: an empty log gives empty curves. Raises InputError if the folder does not exist or
    cannot be written.
    """
    out = Path(out_dir)
    if not out.is_dir():
        raise InputError(f"{out} is not a folder; give the folder that training wrote (its --out)")
    log, config = read_log(out / "log.csv"), _read_config(out / "config.json")
    try:
        write_gradient_figure(out)
        with written_whole(out / "curves.png") as temporary:
            temporary.write_bytes(curves_png(log, PANELS, 2, 2, (12, 8)))
        with written_whole(out / "report.html") as temporary:
            temporary.write_bytes(safe(html(out, log, config)).encode("utf-8"))
    except OSError as reason:
        raise write_error(reason.filename or out, reason, "free some space") from None
    return out / "report.html"


def html(out, log, config):
    """Return the page as text. out: the folder; log: as read_log returns it; config: the content of config.json."""
    config = dict(config)
    result = config.pop("result", None)
    result = result if isinstance(result, dict) else {}
    per_class = result.get("per_class") if isinstance(result.get("per_class"), dict) else {}
    title = f"Training report: {out.resolve().name}"
    parts = [page.HEAD.format(title=escape(title)), f"<h1>{escape(title)}</h1>"]
    validation = read_validation(out)
    if validation:
        parts += overview(validation, log, config, next_commands(out, config)[:2])
        parts.append("<h2>The training</h2>")
    parts.append(f'<div class="grid numbers">{"".join(number_cards(log, result, per_class))}</div>')
    parts.append("<h2>Curves</h2>")
    parts.append(f'<div class="grid">{"".join(_curve_card(log, draw) for draw in PANELS)}</div>')
    if per_class and not validation:
        parts.append("<h2>Classes</h2>")
        parts.append('<p class="soft">Average precision of each class on the validation images, from 0 to 1.</p>')
        parts.append(f'<div class="card">{page.class_rows(per_class)}</div>')
    for name, text in FIGURES.items():
        if (out / name).is_file():
            parts.append(f"<h2>{escape(text)}</h2>")
            parts.append(f'<div class="card">{page.image((out / name).read_bytes(), text)}</div>')
    parts.append("<h2>What to type next</h2>")
    parts.append(f'<div class="card"><pre>{escape(chr(10).join(next_commands(out, config)))}</pre></div>')
    if config:
        parts.append(f'<h2>Settings</h2><div class="card">{page.table(config)}</div>')
    return "\n".join([*parts, page.TAIL])


def number_cards(log, result: dict, per_class: dict) -> list[str]:
    """Return the boxes of the most important numbers; unknown ones are left out."""
    cards = []
    iterations, maps = series(log, "val_map")
    if len(maps):
        best = int(maps.argmax())
        cards.append((f"{maps[best]:.3f}", f"best validation mAP, at iteration {iterations[best]:.0f}"))
    mean = result.get("mAP")
    if is_number(mean):
        cards.append((f"{mean:.3f}", f"mAP at the end ({result.get('metric') or 'best weights'})"))
    if len(log["iteration"]):
        cards.append((f"{log['iteration'].max():.0f}", "iterations"))
    _, seconds = series(log, "seconds")
    if len(seconds):
        cards.append((duration(seconds.max()), "of training"))
    _, speed = series(log, "images_per_second")
    if len(speed):
        cards.append((f"{speed[-1]:.1f}", "images per second"))
    if per_class:
        cards.append((str(len(per_class)), "classes"))
    return [page.number_card(*card) for card in cards or [("–", "nothing logged yet")]]


def duration(seconds):
    """Return a duration as text: 42 s, 7 min, 3 h 20 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def next_commands(out: Path, config: dict) -> list[str]:
    """Return the commands that come next after training, ready to copy."""
    weights = out / "best.npz" if (out / "best.npz").exists() or not (out / "last.npz").exists() else out / "last.npz"
    weights, data = shell.quote(weights), config.get("data")
    data = f" --data {shell.quote(data)}" if isinstance(data, str) and data else ""
    return [
        "# find objects in your own images",
        f"{shell.start('detect')} IMAGE_OR_FOLDER --weights {weights}",
        "# explain the best detection of an image",
        f"{shell.start('detect')} IMAGE --weights {weights} --explain",
        "# measure it again, class by class",
        f"{shell.start('evaluate')} --weights {weights}{data}",
        "# look at the data, or at what these weights are",
        f"{shell.start('explore')}{data or f' --weights {weights}'}",
    ]


def _curve_card(log, draw):
    light, dark = (curves_png(log, (draw,), 1, 1, (5.2, 3.3), theme) for theme in (LIGHT, DARK))
    return f'<div class="card">{page.image(light, draw.__doc__.splitlines()[0], dark)}</div>'


def _read_config(path):
    """Return config.json as a dictionary; an empty one if it is missing or damaged, so that the curves still show."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}
