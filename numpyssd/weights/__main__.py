"""``python -m numpyssd.weights FILE`` tells what a file of weights is; see numpyssd/cli/show_weights.py."""

if __name__ == "__main__":
    from numpyssd.cli import command
    from numpyssd.cli.show_weights import main

    command.run(main)
