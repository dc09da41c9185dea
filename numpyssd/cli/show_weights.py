"""Show what a file of weights is: its source, its network, its input rule, and which arrays would be loaded.

python -m numpyssd.weights ssd300_voc0712_converted.npz
"""

from dataclasses import replace

from numpyssd import shell
from numpyssd.cli import command
from numpyssd.cli.inputs import WEIGHTS_HELP
from numpyssd.config import SSD300
from numpyssd.console import printable


def main(argv=None):
    """Print the description and the report, and return the exit code."""
    parser = command.parser(
        "weights",
        "Show what a file of weights is, whoever wrote it, and what would be loaded of it. Nothing in it is executed.",
        [
            "python -m numpyssd.weights runs/bccd/best.npz",
            "python -m numpyssd.weights ssd300_vgg16_coco-b556d3b4.pth",
            "python -m numpyssd.weights VGG_ILSVRC_16_layers_fc_reduced.caffemodel",
        ],
    )
    parser.add_argument("file", metavar="FILE", help=f"{WEIGHTS_HELP}; also .npz of ChainerCV, .pth and .caffemodel")
    path = parser.parse_args(argv).file
    from numpyssd.model.ssd import SSD
    from numpyssd.weights import loading, recognize

    file = recognize.read(path)
    config = file.config or replace(SSD300, **file.input_rule)
    print(f"{path}: {'a checkpoint of numpyssd' if file.source == recognize.OWN else file.source}")
    print(f"input: {loading.describe_input_rule(config)}")
    if file.config:
        loading.load_model(path)  # raises InputError if something is missing
        detection = f"clip_before_nms {config.clip_before_nms}, size_limit {config.size_limit}"
        boxes = f"whole_pixels {config.whole_pixels}, center_rule {config.center_rule}, clip_mode {config.clip_mode}"
        print(f"network: {config.name}, {config.image_size} px, {config.num_classes} classes with background")
        print(f"default boxes: {boxes}\ndetection: {detection}")
        names = file.class_names or ()
        print(f"classes: {', '.join(map(printable, names[:20]))}{', …' if len(names) > 20 else ''}")
    else:
        train = shell.as_started("python -m numpyssd.train --data VOC_ROOT --preset ssd300 --weights FILE")
        print(f"a base network: train with it, {train}")
    report = loading.report_of(file, loading.assign(SSD(config), file.arrays))
    print(f"into {'its own network' if file.config else 'ssd300'}:\n{report._replace(source='')}")
    return 0


if __name__ == "__main__":
    command.run(main)
