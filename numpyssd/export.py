"""Write a trained network as an ONNX file, which other programs run, or as an HTML page, which detects in a browser.

python -m numpyssd.export --weights runs/mine/best.npz --html detector.html
python -m numpyssd.export --weights runs/mine/best.npz --onnx model.onnx
python -m numpyssd.export --weights tiny --onnx tiny.onnx --output detections
python -m numpyssd.export --weights ssd300_vgg16.pth --onnx ssd300.onnx --output detections

The page is one file with the network in JavaScript and the weights: see browser/page.py.

The input of the ONNX file is ``images`` (N, S, S, 3) float32, RGB from 0 to 255. The caller only resizes; the mean and
the scale are in the graph. There are two outputs to choose from:

    raw         loc (N, K, 4) and conf (N, K, C), as ``SSD.infer`` returns them, for any batch size
    detections  boxes (D, 4) xyxy in [0, 1], labels (D,), scores (D,), as ``inference.postprocess`` returns them with
                the options of the config, for one image (N is 1); D depends on the image. With --one-label no object
                has two labels: NMS works across the classes

OpenCV 5.0 runs the first, but not the second: it has no Compress operator.

The metadata of the file says the same: it holds the class names, a description of input and output, and the config.
"""

import json
import os
from dataclasses import asdict

from numpyssd.cli import command
from numpyssd.cli.class_names import add_class_names, names_from, say_notes
from numpyssd.cli.html_page import write_page
from numpyssd.cli.inputs import WEIGHTS_HELP
from numpyssd.errors import InputError
from numpyssd.files import write_output
from numpyssd.onnx_graph.detections import detections
from numpyssd.onnx_graph.file import to_bytes
from numpyssd.onnx_graph.graph import Graph, Value
from numpyssd.onnx_graph.layers import network

OUTPUTS = {
    "raw": "loc (N, K, 4): offsets from the K default boxes, to be decoded with variances 0.1 and 0.2; "
    "conf (N, K, C): logits, class 0 is background",
    "detections": "boxes (D, 4): x_min, y_min, x_max, y_max in units of the image's width and height; labels (D,): "
    "1 is the first of class_names; scores (D,); best first",
}
RESIZE = {  # the rules of images/preprocess.py, in words for users of other tools
    "average": "bilinear over all the pixels that an output pixel covers, as Pillow does",
    "opencv": "bilinear between the 4 nearest pixels and rounded, as OpenCV does to bytes",
    "float": "bilinear between the 4 nearest pixels and not rounded, as OpenCV does to floats",
}


def parse(argv):
    """Return the options of the command line."""
    parser = command.parser(
        "export",
        "Write a network as an HTML page that detects in a browser, or as an ONNX file, which needs the onnx package.",
        [
            "python -m numpyssd.export --weights runs/mine/best.npz --html detector.html",
            "python -m numpyssd.export --weights runs/mine/best.npz --onnx model.onnx",
            "python -m numpyssd.export --weights tiny --onnx tiny.onnx --output detections",
            "python -m numpyssd.export --weights ssd300_vgg16.pth --onnx ssd300.onnx --output detections",
        ],
    )
    add = parser.add_argument
    add("--weights", required=True, metavar="FILE", help=WEIGHTS_HELP)
    add_class_names(parser)
    add("--html", metavar="FILE", help="the page to write: one file, opened from disk, asks no network for anything")
    add(
        "--bits",
        type=int,
        choices=[16, 8],
        default=16,
        help="of each weight in the page; with 8 it is half as large and loses 0.0002 mAP on BCCD "
        "(default: %(default)s)",
    )
    add("--onnx", metavar="FILE", help="the ONNX file to write")
    add(
        "--output",
        choices=list(OUTPUTS),
        default="raw",
        help="what --onnx computes. raw: loc and conf of any batch; detections: with decoding and NMS inside, for one "
        "image (default: %(default)s)",
    )
    help_one_label = "with --output detections: suppress across classes too, so that no object gets two labels"
    add("--one-label", action="store_true", help=help_one_label)
    options = parser.parse_args(argv)
    if not (options.html or options.onnx):
        raise InputError("nothing to write is named; give --html detector.html, or --onnx model.onnx")
    check_targets(options)
    if options.bits != 16 and not options.html:
        raise InputError("--bits is of pages; leave it out, or give --html too")
    if options.output != "raw" and not options.onnx:
        raise InputError("--output is of ONNX files; leave it out, for a page always detects, or give --onnx too")
    if options.one_label and not options.onnx:
        raise InputError("--one-label is of ONNX files; leave it out, for a page has a box to tick, or give --onnx too")
    if options.one_label and options.output == "raw":
        raise InputError("--one-label needs --output detections: the raw output has no NMS that it could change")
    return options


def check_targets(options):
    """Raise InputError if a file to write is the one of the weights, or if both are one file."""
    for option, target in (("--html", options.html), ("--onnx", options.onnx)):
        if target and os.path.realpath(target) == os.path.realpath(options.weights) and os.path.exists(target):
            raise InputError(f"{option} {target} would replace the weights; give it another name")
    if options.html and options.onnx and os.path.realpath(options.html) == os.path.realpath(options.onnx):
        raise InputError(f"--html and --onnx both name {options.html}; give one of them another name")


def main(argv=None):
    """Write the files, print what is in them, and return the exit code."""
    options = parse(argv)
    from numpyssd.weights import load_model

    model = load_model(options.weights, names_from(options))
    say_notes(model)
    if options.html:
        write_page(model, options.weights, options.html, options.bits)
    if options.onnx:
        write_onnx(model, options)
    return 0


def write_onnx(model, options):
    """Write the file that --onnx names, and print its inputs and outputs."""
    graph = build(model, options.output, options.one_label)
    content = to_bytes(graph, metadata(model, options.output, options.one_label))
    write_output(options.onnx, content, "model.onnx")
    print(f"{options.onnx}: {len(content) / 1e6:.1f} MB, {model.config.name}, {len(graph.nodes)} nodes")
    for word, values in (("input", graph.inputs), ("output", graph.outputs)):
        for name, value in values.items():
            print(f"{word:>8} {name} ({', '.join(map(str, value.shape))}) {value.dtype}")


def build(model, output: str = "raw", one_label: bool = False) -> Graph:
    """Return the Graph of a model with the output "raw" or "detections", these with NMS across classes if one_label."""
    graph, config = Graph(), model.config
    if output == "detections":
        loc, conf = network(graph, model, batch=1)
        detections(graph, config, loc, conf, one_label=one_label)
        return graph
    loc, conf = network(graph, model, batch="N")
    count = sum(model.predictors.counts)
    graph.outputs[loc] = Value("float32", ("N", count, 4))
    graph.outputs[conf] = Value("float32", ("N", count, config.num_classes))
    return graph


def metadata(model, output: str, one_label: bool = False) -> dict[str, str]:
    """Return the metadata of the file; class_names and config are JSON."""
    config = model.config
    size = config.image_size
    names = json.dumps(model.class_names, ensure_ascii=False)
    return {  # half a letter in a name, which is no UTF-8, becomes JSON's escape
        "class_names": names.encode("utf-8", "backslashreplace").decode("utf-8"),
        "input": f"images (N, {size}, {size}, 3) float32: RGB, 0 to 255, the whole image resized to {size} x {size} "
        f"whatever its shape ({RESIZE[config.resize]}); mean and scale are inside",
        "output": OUTPUTS[output] + ("; NMS across the classes" if one_label else ""),
        "config": json.dumps(asdict(config)),
    }


if __name__ == "__main__":
    command.run(main)
