"""The command ``numpyssd``, which is also ``python -m numpyssd``: it starts the command that is named first.

numpyssd train --tiny
numpyssd detect photo.jpg --weights tiny
"""

import difflib
import importlib
import sys
from pathlib import Path

from numpyssd import __version__
from numpyssd.cli import command
from numpyssd.errors import InputError

# name: (module, what it does); each module also runs by itself, as python -m numpyssd.train does.
COMMANDS = {
    "train": ("numpyssd.train", "train a detector on the built-in set or on your photographs"),
    "evaluate": ("numpyssd.evaluate", "measure the mean average precision of weights"),
    "detect": ("numpyssd.detect", "find objects in images and folders of images"),
    "explore": ("numpyssd.explore", "look at data, default boxes, matches and weights; --check lists issues"),
    "export": ("numpyssd.export", "write a detector as an HTML page or an ONNX file"),
    "benchmark": ("numpyssd.benchmark", "check the kernels against the reference, then time them"),
    "weights": ("numpyssd.cli.show_weights", "tell what a file of weights is, whoever wrote it"),
    "download": ("numpyssd.download", "fetch VOC2007, VOC2012 or BCCD"),
}


def main(argv=None):
    """Run the command that argv (default: the command line) names, and exit the process with its code."""
    command.run(start, sys.argv[1:] if argv is None else argv)


def start(argv):
    """Return the exit code of the command named by argv[0]; its own arguments follow. Raises InputError for no name."""
    name, arguments = (argv[0], argv[1:]) if argv else ("", [])
    if name in ("-h", "--help"):
        print(overview())
    elif name == "--version":
        print(f"numpyssd {__version__}")
    elif name in COMMANDS:
        return importlib.import_module(COMMANDS[name][0]).main(arguments)
    else:
        raise InputError(f"{_complaint(name)}; {program()} --help lists the commands")
    return 0


def overview():
    """Return the help: the commands, one line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join(
        [
            f"usage: {program()} COMMAND ...",
            "",
            "The SSD object detector: train it, measure it, and find objects with it.",
            "",
            "commands:",
            *lines,
            "",
            f"{program()} COMMAND --help shows the options and examples of a command,",
            f"{program()} --version the version ({__version__}).",
        ]
    )


def program():
    """Return how this process was started: by the installed command, or by Python."""
    return "python -m numpyssd" if Path(sys.argv[0]).name == "__main__.py" else "numpyssd"


def _complaint(name):
    if not name:
        return "no command is named"
    near = difflib.get_close_matches(name, COMMANDS, 1)
    return f"there is no command {name!r}" + (f"; did you mean {near[0]}?" if near else "")


if __name__ == "__main__":
    main()
