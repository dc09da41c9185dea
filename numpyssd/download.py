"""Fetch a data set, check its bytes, and lay it out for ``--data``.

python -m numpyssd.download bccd                 data/bccd
python -m numpyssd.download voc2007 --out DIR    DIR/VOCdevkit/VOC2007: train, val, trainval and test
"""

from numpyssd import shell
from numpyssd.cli import command
from numpyssd.datasets.download import SOURCES, download


def main(argv=None):
    """Fetch what the command line names, and return the exit code."""
    parser = command.parser(
        "download",
        "Fetch a data set, check it, and lay it out for --data.",
        ["python -m numpyssd.download bccd", "python -m numpyssd.download voc2007 voc2012 --out /big/disk"],
    )
    parser.add_argument("names", nargs="+", choices=list(SOURCES), metavar="NAME", help=", ".join(SOURCES))
    parser.add_argument("--out", metavar="DIR", default="data", help="the folder they go below (default: %(default)s)")
    options = parser.parse_args(argv)
    for name in options.names:
        try:
            folder = download(name, options.out)
        except KeyboardInterrupt:
            print("\nwhat has arrived is kept; the same command goes on with it", flush=True)
            raise
        print(f"{name}: {folder}\n  look at it: {shell.start('explore')} --data {shell.quote(folder)} --split trainval")
    return 0


if __name__ == "__main__":
    command.run(main)
