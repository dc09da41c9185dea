"""What benchmarks/small_sets.py compares: a start, and fields of the recipe that differ from ``compact``'s."""

FLIPS = {
    "colors": "last", "hue_wraps": True, "last_needs_object": False,
    "distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0,
}  # fmt: skip

VARIANTS = {
    "as 0.1 trained": {},
    "only flips": {"recipe": {"augmentation": FLIPS}},
}
