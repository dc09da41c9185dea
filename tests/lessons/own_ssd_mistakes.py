"""Mistakes that are planted in lesson 16's solution, and what the checker must say of each.

A row: the stage that finds it, words of its cause, then each change as (what stands in the solution, what instead).
"""

NORMALIZED = "batch_norm(sums, mean, variance, *learned)"
MOVING = "0.9 * averages[key] + 0.1 * value"
MINED = "mine_batch(background.reshape(positive.shape), positive, 3)"
DECAY = 'decay = 0 if name.endswith(".bias") or "_bn." in name'

L2 = 'normalize(x, weights["norm.scale"])'

MISTAKES = [
    ("IoU", "two negative sides", ("np.maximum(high - low, 0)", "(high - low)")),
    ("default boxes", "divide by SIZE", ("of_map.reshape(-1, 4) / SIZE", "of_map.reshape(-1, 4)")),
    ("default boxes", "x must change fastest", ("np.stack([x, y], axis=2)", "np.stack([y, x], axis=2)")),
    ("default boxes", "from coarse to fine", ("next_scale, ratios in MAPS:", "next_scale, ratios in MAPS[::-1]:")),
    (
        "default boxes",
        "stand together",
        ("np.empty((len(centers), len(shapes), 4))", "np.empty((len(shapes), len(centers), 4))"),
        ("= centers[:, None]", "= centers"),
        ("2:] = shapes", "2:] = shapes[:, None]"),
    ),
    (
        "default boxes",
        "xyxy",
        (
            "    return np.concatenate(boxes)\n",
            "    boxes = np.concatenate(boxes)\n    half = boxes[:, 2:] / 2\n"
            "    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)\n",
        ),
    ),
    ("default boxes", "width and height", ("2:] = shapes", "2:] = shapes[:, ::-1]")),
    ("matching and encoding", "takes corners", ("iou_matrix(boxes, corners)", "iou_matrix(boxes, defaults)")),
    (
        "matching and encoding",
        "labels[owner]",
        ("labels_of(owner, labels)\n\n", "np.where(positive, owner + 1, 0)\n\n"),
    ),
    (
        "matching and encoding",
        "the threshold is missing",
        ("iou_matrix(boxes, corners), 0.5", "iou_matrix(boxes, corners), 2"),
    ),
    ("layers forwards", "+= and not =", ("out += x[:, i", "out[:] = x[:, i")),
    ("layers forwards", "flipped", ("@ weight[i, j]\n    return out", "@ weight[-1 - i, -1 - j]\n    return out")),
    (
        "layers forwards",
        "root of the variance",
        ("- mean) / np.sqrt(variance + 1e-5) *", "- mean) / (variance + 1e-5) *"),
    ),
    ("layers forwards", "shift are missing", ("np.sqrt(variance + 1e-5) * scale + shift", "np.sqrt(variance + 1e-5)")),
    (
        "layers forwards",
        "whole image",
        ("return x / np.sqrt((x * x).sum(axis=3,", "return x / np.sqrt((x * x).sum(axis=(1, 2, 3),"),
    ),
    (
        "layers backwards",
        "mean over the images",
        ("axes=([0, 1, 2], [0, 1, 2]))", "axes=([0, 1, 2], [0, 1, 2])) / len(x)"),
    ),
    ("layers backwards", "+= and not =", ("j : j + width] += dout", "j : j + width] = dout")),
    ("layers backwards", "gives it to all", ("        left &= ~wins\n", "")),
    ("layers backwards", "taken for constants", ("(dout - dshift / count - normal * dscale / count) *", "dout *")),
    ("layers backwards", "length is taken for a constant", ("(dunit - unit * along) / length", "dunit / length")),
    ("layers backwards", "*normalized*", ("(dout * normal).sum(axis=(0, 1, 2))", "(dout * x).sum(axis=(0, 1, 2))")),
    (
        "new weights",
        "at random",
        ("rng.uniform(-limit, limit, (kernel, kernel, a, b))", "np.zeros((kernel, kernel, a, b))"),
    ),
    ("feature maps", "ReLU is missing", (f"np.maximum({NORMALIZED}, 0)", NORMALIZED)),
    ("feature maps", "those of the batch", ("    if training:\n", "    if True:\n")),
    ("feature maps", "stay as they are", (MOVING, MOVING.replace("0.1 * value", "0 * value").replace("0.9", "1"))),
    ("feature maps", "0.9 of the way", (MOVING, MOVING.replace("0.1", "0.90").replace("0.9 *", "0.1 *"))),
    (
        "feature maps",
        "goes on to conv5",
        (
            "            maps.append(x)\n",
            f"            maps.append(x)\n            x = {L2} if len(maps) == 1 else x\n",
        ),
    ),
    (
        "predictions",
        "channels come first",
        ("return out.reshape(len(out)", "return out.transpose(0, 3, 1, 2).reshape(len(out)"),
    ),
    ("predictions", "bias", ("convolve(x, weight, 1) + bias", "convolve(x, weight, 1)")),
    (
        "predictions",
        "from coarse to fine",
        ('concatenate(rows["loc"], axis', 'concatenate(rows["loc"][::-1], axis'),
        ('concatenate(rows["conf"], axis', 'concatenate(rows["conf"][::-1], axis'),
    ),
    (
        "predictions",
        "must be normalized",
        ('seen = [normalize(maps[0], weights["norm.scale"]), *maps[1:]]', "seen = maps"),
    ),
    ("losses", "over the rows", ("log_sum_exp(logits)[:, None]\n    rows", "log_sum_exp(logits.T)\n    rows")),
    ("losses", "The 1 is missing", ("    gradient[rows, labels] -= 1\n", "")),
    (
        "the loss of a batch",
        "ranked together",
        (MINED, "mine_batch(background[None], positive.reshape(1, -1), 3).reshape(positive.shape)"),
    ),
    ("the loss of a batch", "there is no mining", (MINED, "~positive")),
    ("the loss of a batch", "its gradients are not divided", ("divisor = max(1, int(positive.sum()))", "divisor = 1")),
    ("the loss of a batch", "dconf is not 0", (" * (positive | negative)[..., None] / divisor", " / divisor")),
    ("the loss of a batch", "dloc is not 0", ("dloc * positive[..., None] / divisor", "dloc / divisor")),
    (
        "backward",
        "own predictors give is not added",
        ("dx = dx + dmaps.pop()", "dmap = dmaps.pop()\n            dx = dmap if layer is LAYERS[-1] else dx"),
    ),
    ("backward", "not what comes from the stages after it", ("dx = dx + dmaps.pop()", "dx = dmaps.pop()")),
    ("backward", "ReLU is forgotten", ("    dout = dout * (out > 0)  # the ReLU\n", "")),
    (
        "backward",
        "go through its normalization",
        ('dmaps[0], gradients["norm.scale"] =', '_, gradients["norm.scale"] ='),
    ),
    ("backward", "That from loc is missing", ("dx = dx + input_gradient(dout", "dx = input_gradient(dout")),
    ("batches", "its boxes are not", ("image, boxes = image[:, ::-1], flip_boxes(boxes)", "image = image[:, ::-1]")),
    ("batches", "upside down", ("image, boxes = image[:, ::-1], flip", "image, boxes = image[::-1], flip")),
    ("batches", "mean is not subtracted", ("images.astype(np.float32) - MEAN", "images.astype(np.float32)")),
    (
        "a step of training",
        "keep it in velocities",
        ("weights[name], velocities[name] = sgd", "weights[name], _ = sgd"),
    ),
    ("a step of training", "biases learn at twice", ('lr = 2 * rate if name.endswith(".bias") else rate', "lr = rate")),
    ("a step of training", "biases decay too", (DECAY, DECAY.replace('name.endswith(".bias") or ', ""))),
    ("a step of training", "batch normalization decay too", (DECAY, DECAY.replace(' or "_bn." in name', ""))),
    ("a step of training", "nothing decays", ("else 5e-4", "else 0")),
    ("a step of training", "not in training", ("averages, images, True)", "averages, images, False)")),
    ("detection", "Turn them into pixels", ("return to_pixels(boxes, image.shape), labels", "return boxes, labels")),
    ("detection", "there is no NMS", ("nms_each_class(boxes[rows], labels, scores, 0.45)", "np.arange(len(rows))")),
    (
        "detection",
        "all classes together",
        ("nms_each_class(boxes[rows], labels, scores, 0.45)", "nms(boxes[rows], scores, 0.45)"),
    ),
    ("detection", "in training", ("prepare(image[None]), False)", "prepare(image[None]), True)")),
    ("detection", "not clipped", ("np.clip(boxes[rows[keep]], 0, 1)", "boxes[rows[keep]]")),
    (
        "detection",
        "clipped before NMS",
        ("default_boxes().T).T  # (K, 4)\n", "default_boxes().T).T.clip(0, 1)  # (K, 4)\n"),
    ),
    ("detection", "offsets are not used", ("decode_box(loc[0].T, default", "decode_box(0 * loc[0].T, default")),
]
