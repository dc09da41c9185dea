"""``python -m numpyssd.training.augmentation`` draws what each step of the augmentation does."""

if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("augmentation.pipeline")
