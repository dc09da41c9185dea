"""How much is augmented: choices of the options of ``augment`` that several recipes share."""

# Only flips: enough for the built-in set, where more augmentation has not been compared.
FLIPS = {"zoom_out_probability": 0, "crop_probability": 0, "distort_probability": 0, "colors": "last"}

# Milder than Caffe's zoom-out to four times the side and crops down to 0.3, for a short run; not compared. Colors are
# changed last, which takes a tenth of the time on a photograph of 12 megapixels.
MILD = {
    "zoom_out_probability": 0.2,
    "zoom_out_max": 1.6,
    "crop_min_scale": 0.5,
    "colors": "last",
    "hue_wraps": True,
    "last_needs_object": False,
}
