"""``python -m numpyssd.training.augmentation`` draws what each step of the augmentation does."""

if __name__ == "__main__":
    from numpyssd.datasets.shapes import example
    from numpyssd.drawing import picture
    from numpyssd.training.augmentation.pipeline import draw_augmentation

    picture(lambda ax: draw_augmentation(ax, *example()[:3]), size=(13, 5.4))
