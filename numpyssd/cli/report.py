"""Write ``curves.png`` and ``report.html`` of a training folder again, even while the training runs.

python -m numpyssd.cli.report DIR
"""

from numpyssd.cli import command
from numpyssd.reports.report import write_report


def main(argv=None):
    """Write the report of a training folder again; return the exit code."""
    parser = command.parser(
        "cli.report", "Write curves.png and report.html from what a training folder holds.",
        ["python -m numpyssd.cli.report runs/blood-cells"],
    )  # fmt: skip
    parser.add_argument("folder", metavar="DIR", help="the folder that training wrote")
    print(f"report written to {write_report(parser.parse_args(argv).folder)}")
    return 0


if __name__ == "__main__":
    command.run(main)
