"""``python -m numpyssd.datasets.download NAME`` fetches a data set."""

if __name__ == "__main__":
    from numpyssd.cli import command
    from numpyssd.datasets.download.fetch import main

    command.run(main)
