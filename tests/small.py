"""A small network of the tests' own: its numbers never change, so that what is typed into a test stays true."""

from numpyssd.config import Config, ExtraLayer, FeatureMap

SMALL = Config(
    name="small",
    image_size=96,
    num_classes=6,
    feature_maps=(
        FeatureMap("conv4_1", 12, 8, 14, 26, (2,)),
        FeatureMap("conv7", 6, 16, 26, 44, (2,)),
        FeatureMap("conv8_2", 3, 32, 44, 66, (2,)),
        FeatureMap("conv9_2", 1, 96, 66, 90, (2,)),
    ),  # 576 + 144 + 36 + 4 = 760 default boxes
    extra_layers=(ExtraLayer("conv8", 64, 128, 3, 2, 1), ExtraLayer("conv9", 64, 128, 3, 1, 0)),
    base_blocks=((16,), (32,), (64,), (64,), (128,)),
    base_tail=(128, 128),
)
