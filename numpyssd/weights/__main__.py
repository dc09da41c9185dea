"""``python -m numpyssd.weights FILE`` tells what a file of weights is; see numpyssd/run/show_weights.py."""

if __name__ == "__main__":
    from numpyssd.run import command
    from numpyssd.run.show_weights import main

    command.run(main)
