"""``python -m numpyssd.training.augmentation`` draws what each step of the augmentation does."""

if __name__ == "__main__":
    from numpyssd.drawing import run_picture

    run_picture("augmentation.pipeline")
