"""Exercise ratio_at_equal_input of lesson 22: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def ratio_at_equal_input(ssd, trunk, region, proposals, area):
    return (trunk / area + proposals * region) / ssd


def ratio_as_it_is(ssd, trunk, region, proposals, area):
    return (trunk + proposals * region) / ssd


def ratio_all_by_area(ssd, trunk, region, proposals, area):
    return (trunk + proposals * region) / area / ssd


def ratio_by_side(ssd, trunk, region, proposals, area):
    return (trunk / area**0.5 + proposals * region) / ssd


def ratio_one_region(ssd, trunk, region, proposals, area):
    return (trunk / area + region) / ssd


def ratio_upside_down(ssd, trunk, region, proposals, area):
    return 1 / ratio_at_equal_input(ssd, trunk, region, proposals, area)


def ratio_times_area(ssd, trunk, region, proposals, area):
    return (trunk * area + proposals * region) / ssd


def ratio_regions_by_area(ssd, trunk, region, proposals, area):
    return (trunk + proposals * region / area) / ssd


def ratio_trunk_only(ssd, trunk, region, proposals, area):
    return trunk / area / ssd


def ratio_without_brackets(ssd, trunk, region, proposals, area):
    return trunk / area + proposals * region / ssd


def ratio_by_area_squared(ssd, trunk, region, proposals, area):
    return (trunk / area**2 + proposals * region) / ssd


def ratio_difference(ssd, trunk, region, proposals, area):
    return trunk / area + proposals * region - ssd


def ratio_not_over_ssd(ssd, trunk, region, proposals, area):
    return trunk / area + proposals * region


def networks():
    return [
        (10, 40, 1, 2, 4),
        (10, 40, 0.5, 20, 4),
        (1, 6, 0.01, 100, 2),
        (31.4, 189.6, 0.12, 300, 6 + 2 / 3),
        (31.4, 189.6, 0.12, 50, 6 + 2 / 3),
    ]


EXERCISE = Exercise(
    question="Return how many times the multiply-adds of SSD a two-stage detector has on SSD's input. trunk: with the "
    "first stage, on its own input, which has ``area`` times the pixels; region: of one proposal.",
    answer=ratio_at_equal_input,
    cases=networks,
    hints=(
        "Convolutions run over the map: with a fifth of the pixels they cost a fifth. What does the head run over?",
        "trunk / area + proposals * region, and that over ssd.",
    ),
    mistakes={
        "as it is": Mistake(ratio_as_it_is, "you left its own input: divide the trunk by the area."),
        "all by area": Mistake(ratio_all_by_area, "the head runs once for each proposal, however large the image is."),
        "by side": Mistake(
            ratio_by_side,
            "twice the side is four times the pixels: divide by the area itself.",
            variants=(ratio_by_area_squared,),
        ),
        "one region": Mistake(ratio_one_region, "the head runs for every proposal, not once."),
        "upside down": Mistake(ratio_upside_down, "your ratio is SSD over the other."),
        "times area": Mistake(
            ratio_times_area, "on a smaller input the trunk has *fewer* multiply-adds: divide by the area."
        ),
        "regions by area": Mistake(
            ratio_regions_by_area, "it is the other part: the trunk depends on the input, the regions do not."
        ),
        "trunk only": Mistake(ratio_trunk_only, "the second stage is missing: proposals * region."),
        "no brackets": Mistake(
            ratio_without_brackets, "only one of the two parts is divided by ssd: set brackets around their sum."
        ),
        "not a ratio": Mistake(
            ratio_not_over_ssd,
            "how many *times*: divide the multiply-adds by those of SSD.",
            variants=(ratio_difference,),
        ),
    },
)
