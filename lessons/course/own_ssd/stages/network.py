"""Stages 6 to 8: the first weights; the feature maps and the predictions, map by map, with the library's weights."""

from functools import cache

import numpy as np

from lessons.course.own_ssd.reference import weights_of
from lessons.course.own_ssd.stage import Case, Cause, Stage, calling
from lessons.course.own_ssd.stages import scene, variants
from lessons.course.own_ssd.stages.variants import conf_as_softmax, feature_maps, predictions

MAP = ("image", "row", "column", "channel")
ROWS = ("image", "row", "value")
BEGINS = {"norm.scale": 8.0, "_bn.scale": 1.0, "_bn.variance": 1.0, "_bn.shift": 0.0, "_bn.mean": 0.0, ".bias": 0.0}


@cache
def new_network_cases():
    """Return the cases of new_network: names and shapes, how large the kernels are, and where the others begin."""
    weights, averages = weights_of(scene.model())
    names = [name for name in weights if name.endswith(".weight")]
    sizes = {name: 0.1 if name.startswith(("loc.", "conf.")) else 1.0 for name in names}
    others = [name for name in (*weights, *averages) if name not in names]
    begins = {name: next(value for end, value in BEGINS.items() if name.endswith(end)) for name in others}

    def shapes(mine):
        return [_only_shapes(part) for part in mine.new_network(0)]

    def spread(mine):
        found = mine.new_network(0)[0]
        return {name: np.std(found[name]) * np.sqrt(weights[name][..., 0].size) for name in names}

    def means(mine):
        found = mine.new_network(0)
        return {name: np.mean({**found[0], **found[1]}[name]) for name in others}

    causes = (
        Cause("all numbers of a kernel are equal, so that all channels learn the same. Draw them at random.",
              lambda: dict.fromkeys(names, 0.0)),
        Cause("the predictors begin ten times as large: divide them by 10.", lambda: dict.fromkeys(names, 1.0)),
        Cause("fan-in is what an output reads: kernel * kernel * channels in.",
              lambda: {name: size * len(weights[name]) for name, size in sizes.items()}),
    )  # fmt: skip
    call = "new_network(0), the standard deviation of each kernel times the root of its fan-in"
    return [
        Case("new_network(0), the shapes", shapes, [_only_shapes(part) for part in (weights, averages)]),
        Case(call, spread, sizes, (), causes, 0.25),
        Case("new_network(0), the mean of all but the kernels", means, begins),
    ]


def _only_shapes(part):
    return {name: np.zeros(np.shape(value)) for name, value in part.items()}


@cache
def feature_cases():
    """Return the cases of features, in detection and in training."""
    weights, averages = weights_of(scene.model())
    right, trained = feature_maps(), feature_maps(training=True)
    after = trained[1]
    says = "the normalized first map goes on to conv5. Only its predictors see it so (lesson 06)."
    causes = (
        Cause("the statistics are those of the batch. In detection the averages take their place.", lambda: trained[0]),
        Cause("the ReLU is missing.", lambda: feature_maps(relu="none")[0]),
        Cause("the ReLU comes before the batch normalization.", lambda: feature_maps(relu="before")[0]),
        Cause(says, lambda: feature_maps(normalized="kept")[0]),
        Cause(says, lambda: feature_maps(normalized="not kept")[0]),
        Cause(
            "the pooling comes after the convolution. LAYERS says whether it comes before.",
            lambda: feature_maps(pool="after")[0],
        ),
    )
    in_training = (
        Cause("these are the averages. In training, each batch is normalized by its own statistics.",
              lambda: (right[0], after)),
        Cause("the averages stay as they are. They move a tenth of the way to each batch's statistics.",
              lambda: (trained[0], averages)),
        *(Cause(f"the averages move {pace:g} of the way to each batch's statistics. It should be 0.1.",
                lambda pace=pace: feature_maps(training=True, pace=pace)) for pace in (0.9, 0.01, 1)),
        Cause("this is the standard deviation. The variance is its square.",
              lambda: feature_maps(training=True, statistics=variants.deviation_for_variance)),
        Cause("each image has statistics of its own. A channel has one mean for the whole batch.",
              lambda: feature_maps(training=True, statistics=variants.statistics_of_each_image)),
        Cause("the batch is normalized by the averages, which have moved. Its own statistics normalize it.",
              lambda: feature_maps(training=True, used="averages")),
    )  # fmt: skip

    def maps(mine):
        return mine.features(*weights_of(scene.model()), scene.pixels().copy(), False)[0]

    def maps_and_averages(mine):
        weights, averages = weights_of(scene.model())
        return mine.features(weights, averages, scene.pixels().copy(), True)[0], averages

    call = "features(weights, averages, images, {})[0], the maps{}"
    return [
        Case(call.format(False, ""), maps, right[0], MAP, causes, 1e-3),
        Case(call.format(True, "; and the averages"), maps_and_averages, trained, MAP, in_training, 1e-3),
    ]


@cache
def prediction_cases():
    """Return the cases of flatten_map, predict and forward."""
    model = scene.model()
    weights, averages = weights_of(model)
    maps = feature_maps()[0]
    seen = [model.predictors.norm.infer(maps[0]), *maps[1:]]
    right = predictions(seen)
    channels = "the channels come first where you flatten. Ours are last already: nothing to transpose."
    boxes = "all cells come with their first box, then with the second. The boxes of a cell stand together."
    values = "the values of a box stand together in the channels: reshape to (..., values), and not to (values, ...)."
    causes = (
        Cause("the bias of the predictors is missing.", lambda: predictions(seen, bias=0)),
        Cause("the maps come from coarse to fine. Their order is that of the default boxes: the finest first.",
              lambda: predictions(seen, step=-1)),
        Cause("loc and conf are exchanged.", lambda: right[::-1]),
        Cause("conf is a softmax already. Return the logits.", lambda: conf_as_softmax(right)),
        Cause(channels, lambda: predictions(seen, order="channels")),
        Cause(boxes, lambda: predictions(seen, order="boxes")),
        Cause(values, lambda: predictions(seen, order="values")),
        Cause("a predictor has no ReLU: offsets and logits may be negative.", lambda: predictions(seen, relu=True)),
    )  # fmt: skip
    of_forward = (
        Cause("the first map must be normalized before its predictors see it.", lambda: predictions(maps)),
        *(Cause("the normalization has a learned scale of its own, norm.scale.",
                lambda scale=scale: predictions([scale * seen[0] / weights["norm.scale"], *maps[1:]]))
          for scale in (1, 8, 20)),
    )  # fmt: skip

    def forward(mine):
        return mine.forward(*weights_of(scene.model()), scene.pixels().copy(), False)[:2]

    return [
        _flatten_case(channels, boxes, values),
        Case("predict(weights, maps)", calling("predict", weights, seen), right, ROWS, causes, 1e-3),
        Case("forward(weights, averages, images, False)[:2]", forward, right, ROWS, of_forward, 1e-3),
    ]


def _flatten_case(channels, boxes, values):
    """Return the case of flatten_map; box 1, value 2 of image 1, row 0, column 2 is 1026."""
    places = np.einsum("i...,i->...", np.indices((2, 2, 3, 8)), [1000, 100, 10, 1])
    causes = (
        Cause(channels, lambda: places.transpose(0, 3, 1, 2).reshape(2, -1, 4)),
        Cause(boxes, lambda: np.moveaxis(places.reshape(2, 2, 3, 2, 4), 3, 1).reshape(2, -1, 4)),
        Cause(values, lambda: places.reshape(2, 4, -1).swapaxes(1, 2)),
        Cause("the columns come before the rows.", lambda: places.swapaxes(1, 2).reshape(2, -1, 4)),
    )
    right = places.reshape(2, -1, 4)
    return Case("flatten_map(out, 4), out (2, 2, 3, 8)", calling("flatten_map", places, 4), right, ROWS, causes, 0)


STAGES = (
    Stage("new weights", (), ("new_network",), new_network_cases),
    Stage("feature maps", (), ("block", "features"), feature_cases, ("layers forwards",)),
    Stage(
        "predictions", (), ("flatten_map", "predict", "forward"), prediction_cases, ("layers forwards", "feature maps")
    ),
)
