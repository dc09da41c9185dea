"""My own SSD: the functions of the exercises, and what joins them. Only NumPy.

    python -m lessons.course.own_ssd my_ssd.py            compare it with numpyssd
    python -m lessons.course.own_ssd my_ssd.py --train    train it on the built-in set

Above each function stands where it comes from:

- "lesson 01": the answer to the exercise of this name, as it is.
- "lesson 03, rewritten for maps" or "for rows": the same for a whole batch, because a
  loop over every number is too slow. What it takes and returns is different.
- "new": what joins them, lesson 16.

N images, K default boxes, P of them, M objects, C classes. Maps are (N, height, width,
channels). Boxes are in units of the image's side, from 0 to 1, if nothing else is said.
"""

import numpy as np

SIZE = 64  # pixels along a side of an image
CLASSES = 6  # with background, which is 0
MEAN = np.array([123, 117, 104], np.float32)  # of red, green and blue, lesson 06

# Of each feature map: cells along a side; step, scale and next scale in pixels; aspect
# ratios (lesson 08).
MAPS = (
    (16, 4, 8, 14, (1.6,)),
    (8, 8, 14, 24, (1.6,)),
    (6, 64 / 6, 24, 36, (1.6,)),
    (4, 16, 36, 48, (1.6,)),
    (2, 32, 48, 60, (1.6,)),
)
# Of each layer: name, whether a pooling comes before it, kernel, padding, channels,
# whether its output is a feature map.
LAYERS = (
    ("conv1", False, 3, 1, 16, False),
    ("conv2", True, 3, 1, 32, False),
    ("conv3", True, 3, 1, 64, False),
    ("conv4", False, 3, 1, 64, True),
    ("conv5", True, 3, 1, 128, False),
    ("conv6", False, 3, 1, 128, True),
    ("conv7", False, 1, 0, 64, False),
    ("conv8", False, 3, 0, 128, True),
    ("conv9", False, 1, 0, 64, False),
    ("conv10", False, 3, 0, 128, True),
    ("conv11", False, 1, 0, 64, False),
    ("conv12", False, 3, 0, 128, True),
)


# ---- boxes ---------------------------------------------------------------------------


# lesson 01
def iou_matrix(a, b):
    """Return the IoU (N, M) of each box of a (N, 4) with each of b (M, 4), all xyxy."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])  # (N, M, 2)
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])  # (N, M, 2)
    shared = np.maximum(high - low, 0).prod(axis=2)  # (N, M)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=1)  # (N,)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=1)  # (M,)
    return shared / (area_a[:, None] + area_b[None, :] - shared)


# lesson 08
def count_boxes(maps):
    """Return the number of default boxes; maps: (cells along a side, ratios) each."""
    return sum(size * size * (2 + 2 * ratios) for size, ratios in maps)


# lesson 08
def box_shapes(scale, next_scale, ratios):
    """Return width and height (B, 2) of the default boxes of a cell, in pixels."""
    large = np.sqrt(scale * next_scale)
    shapes = [(scale, scale), (large, large)]
    for ratio in ratios:
        long, short = scale * np.sqrt(ratio), scale / np.sqrt(ratio)
        shapes += [(long, short), (short, long)]
    return np.array(shapes)


# lesson 08
def cell_centers(size, step):
    """Return x and y (size * size, 2) of the centers of a map's cells, in pixels."""
    places = (np.arange(size) + 0.5) * step
    x, y = np.meshgrid(places, places)  # (size, size) each; x grows along a row
    return np.stack([x, y], axis=2).reshape(-1, 2)


# new
def default_boxes():
    """Return all default boxes, (K, 4) cxcywh: map, then cell, then box of the cell."""
    boxes = []
    for size, step, scale, next_scale, ratios in MAPS:
        centers = cell_centers(size, step)  # (cells, 2)
        shapes = box_shapes(scale, next_scale, ratios)  # (B, 2)
        of_map = np.empty((len(centers), len(shapes), 4))
        of_map[..., :2] = centers[:, None]  # each box of a cell has its center
        of_map[..., 2:] = shapes  # each cell has the same boxes
        boxes.append(of_map.reshape(-1, 4) / SIZE)
    return np.concatenate(boxes)


# ---- what the network should predict -------------------------------------------------


# lesson 09
def match_boxes(overlaps, threshold):
    """Return the object of each default box, or -1: (K,); overlaps: (M, K)."""
    best = overlaps.argmax(axis=0)  # (K,) the best object of each default box
    owner = np.where(overlaps.max(axis=0) >= threshold, best, -1)
    left = overlaps.copy()  # (M, K)
    for _ in range(min(left.shape)):
        m, k = np.unravel_index(left.argmax(), left.shape)
        owner[k] = m
        left[m, :] = left[:, k] = -1  # object and default box are matched now
    return owner


# lesson 09
def labels_of(owner, labels):
    """Return the class (K,) that each default box should predict, 0 for background."""
    owner = np.asarray(owner)
    answer = np.zeros(len(owner), dtype=int)  # 0 is background
    answer[owner >= 0] = labels[owner[owner >= 0]]
    return answer


# lesson 09
def encode_box(box, default_box):
    """Return the offsets from default_box (4,) cxcywh to box (4,) xyxy.

    It also takes many boxes at once, as columns: (4, P) and (4, P) give (4, P).
    """
    dx, dy, dw, dh = default_box
    gx, gy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    gw, gh = box[2] - box[0], box[3] - box[1]
    center = [(gx - dx) / dw / 0.1, (gy - dy) / dh / 0.1]
    size = [np.log(gw / dw) / 0.2, np.log(gh / dh) / 0.2]
    return np.array(center + size)


# new
def targets(boxes, labels, defaults):
    """Return what to predict for one image: offsets (K, 4) float32 and classes (K,).

    boxes (M, 4) xyxy and labels (M,): its objects; defaults (K, 4) cxcywh. An image
    without objects, (0, 4) and (0,), is background everywhere.
    """
    loc = np.zeros((len(defaults), 4), np.float32)
    if not len(boxes):
        return loc, np.zeros(len(defaults), int)
    half = defaults[:, 2:] / 2
    corners = np.concatenate([defaults[:, :2] - half, defaults[:, :2] + half], axis=1)
    owner = match_boxes(iou_matrix(boxes, corners), 0.5)  # (K,)
    positive = owner >= 0
    loc[positive] = encode_box(boxes[owner[positive]].T, defaults[positive].T).T
    return loc, labels_of(owner, labels)


# ---- layers, forwards and backwards --------------------------------------------------


# lesson 03
def output_size(size, kernel, stride, padding, dilation):
    """Return the side of a convolution's output."""
    span = dilation * (kernel - 1) + 1  # what the kernel covers
    return (size + 2 * padding - span) // stride + 1


# lesson 03, rewritten for maps
def convolve(x, weight, padding):
    """Return the convolution (N, H', W', B) of x (N, H, W, A), weight (k, k, A, B)."""
    kernel = len(weight)
    height, width = (output_size(side, kernel, 1, padding, 1) for side in x.shape[1:3])
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    out = np.zeros((len(x), height, width, weight.shape[3]), x.dtype)
    for i, j in np.ndindex(kernel, kernel):  # a kernel position for all windows at once
        out += x[:, i : i + height, j : j + width] @ weight[i, j]
    return out


# lesson 04
def bias_gradient(dout):
    """Return the gradient (B,) of a bias for dout (N, H, W, B)."""
    return dout.sum(axis=(0, 1, 2))


# lesson 04, rewritten for maps
def weight_gradient(dout, x, kernel, padding):
    """Return the gradient (k, k, A, B) for dout (N, H', W', B) and x (N, H, W, A)."""
    height, width = dout.shape[1:3]
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    dweight = np.zeros((kernel, kernel, x.shape[3], dout.shape[3]), x.dtype)
    for i, j in np.ndindex(kernel, kernel):
        seen = x[:, i : i + height, j : j + width]  # by this kernel position
        dweight[i, j] = np.tensordot(seen, dout, axes=([0, 1, 2], [0, 1, 2]))
    return dweight


# lesson 04, rewritten for maps
def input_gradient(dout, weight, padding):
    """Return the gradient (N, H, W, A) of the input for dout (N, H', W', B)."""
    kernel, (height, width) = len(weight), dout.shape[1:3]
    padded = (len(dout), height + kernel - 1, width + kernel - 1, weight.shape[2])
    dx = np.zeros(padded, dout.dtype)
    for i, j in np.ndindex(kernel, kernel):
        dx[:, i : i + height, j : j + width] += dout @ weight[i, j].T
    return dx[:, padding : padded[1] - padding, padding : padded[2] - padding]


# lesson 05, rewritten for maps
def max_pool(x):
    """Return the largest of each 2 x 2 pixels: (N, H, W, A) -> (N, H / 2, W / 2, A)."""
    rows = np.maximum(x[:, ::2], x[:, 1::2])
    return np.maximum(rows[:, :, ::2], rows[:, :, 1::2])


# lesson 05, rewritten for maps
def pool_gradient(x, dout):
    """Return the gradient of x (N, H, W, A) for dout (N, H / 2, W / 2, A)."""
    dx, left, out = np.zeros_like(x), np.ones(dout.shape, bool), max_pool(x)
    for i, j in np.ndindex(2, 2):  # of equals the first wins
        wins = left & (x[:, i::2, j::2] == out)
        dx[:, i::2, j::2] = wins * dout
        left &= ~wins
    return dx


# lesson 02, batch_normalize rewritten for maps
def batch_norm(x, mean, variance, scale, shift):
    """Return x (N, H, W, A), normalized by mean and variance, scaled and shifted.

    The other four are (A,); 1e-5 is added to the variance.
    """
    return (x - mean) / np.sqrt(variance + 1e-5) * scale + shift


# lesson 16, normal_gradient rewritten for maps
def batch_norm_gradient(dout, x, mean, variance, scale):
    """Return dx (N, H, W, A), dscale (A,) and dshift (A,) of the batch normalization.

    mean, variance (A,): those of x, so that the gradient goes through them, too.
    """
    deviation = np.sqrt(variance + 1e-5)
    normal = (x - mean) / deviation
    dshift, dscale = dout.sum(axis=(0, 1, 2)), (dout * normal).sum(axis=(0, 1, 2))
    count = x.size // x.shape[3]  # values of a channel, which share a mean
    dx = (dout - dshift / count - normal * dscale / count) * scale / deviation
    return dx, dscale, dshift


# lesson 07, rewritten for maps
def normalize(x, scale):
    """Return x (N, H, W, A), each pixel's channels brought to length 1, times scale.

    scale: (A,); 1e-10 is added to the squared length.
    """
    return x / np.sqrt((x * x).sum(axis=3, keepdims=True) + 1e-10) * scale


# new
def normalize_gradient(dout, x, scale):
    """Return dx (N, H, W, A) and dscale (A,) of the normalization."""
    length = np.sqrt((x * x).sum(axis=3, keepdims=True) + 1e-10)  # (N, H, W, 1)
    unit, dunit = x / length, dout * scale
    along = (dunit * unit).sum(axis=3, keepdims=True)  # it cannot change the length
    return (dunit - unit * along) / length, (dout * unit).sum(axis=(0, 1, 2))


# ---- the network ---------------------------------------------------------------------


# new
def new_network(seed):
    """Return new weights and new averages, dictionaries from name to array, float32.

    Kernels are drawn (xavier, lesson 02); those of the predictors are a tenth as large,
    and norm.scale is 8 (lesson 13). Scales and variances are 1; all others begin at 0.

    The names of the weights, and their shapes:

    - conv1.weight (k, k, A, B), conv1_bn.scale (B,), conv1_bn.shift (B,); so for each
      of LAYERS, by its name
    - norm.scale, one number for each channel of the first map
    - loc.0.weight (3, 3, A, 4 * boxes of a cell), loc.0.bias; so for each of MAPS, 0 to 4
    - conf.0.weight (3, 3, A, CLASSES * boxes of a cell), conf.0.bias; as loc

    The names of the averages: conv1_bn.mean (B,), conv1_bn.variance (B,); as conv1.
    """
    rng, weights, averages, channels = np.random.default_rng(seed), {}, {}, 3

    def draw(kernel, a, b):  # (k, k, A, B)
        limit = np.sqrt(3 / (kernel * kernel * a))
        return rng.uniform(-limit, limit, (kernel, kernel, a, b)).astype(np.float32)

    predicting = []
    for name, _, kernel, _, count, is_map in LAYERS:
        weights[f"{name}.weight"] = draw(kernel, channels, count)
        weights[f"{name}_bn.scale"] = np.ones(count, np.float32)
        weights[f"{name}_bn.shift"] = np.zeros(count, np.float32)
        averages[f"{name}_bn.mean"] = np.zeros(count, np.float32)
        averages[f"{name}_bn.variance"] = np.ones(count, np.float32)
        channels = count
        predicting += [count] if is_map else []
    weights["norm.scale"] = np.full(predicting[0], 8, np.float32)
    for values, name in ((4, "loc"), (CLASSES, "conf")):
        for number, (count, (*_, ratios)) in enumerate(zip(predicting, MAPS)):
            outputs = values * (2 + 2 * len(ratios))  # for each box of a cell
            weights[f"{name}.{number}.weight"] = draw(3, count, outputs) / np.float32(
                10
            )
            weights[f"{name}.{number}.bias"] = np.zeros(outputs, np.float32)
    return weights, averages


# new
def block(weights, averages, name, x, padding, training):
    """Return the output of a layer, (N, H', W', B), and what its gradient needs.

    A convolution, batch normalization, ReLU. In training, the statistics are those of
    the batch, and averages move a tenth of the way to them; else they are the averages.
    """
    sums, norm = convolve(x, weights[f"{name}.weight"], padding), f"{name}_bn"
    if training:
        mean, variance = sums.mean(axis=(0, 1, 2)), sums.var(axis=(0, 1, 2))
        for key, value in ((f"{norm}.mean", mean), (f"{norm}.variance", variance)):
            averages[key] = 0.9 * averages[key] + 0.1 * value
    else:
        mean, variance = averages[f"{norm}.mean"], averages[f"{norm}.variance"]
    learned = weights[f"{norm}.scale"], weights[f"{norm}.shift"]
    out = np.maximum(batch_norm(sums, mean, variance, *learned), 0)
    return out, (x, sums, mean, variance, out)


# new
def block_gradient(weights, gradients, name, dout, padding, kept):
    """Return dx (N, H, W, A) for dout (N, H', W', B); kept: what block returned.

    The gradients of weight, scale and shift are put into gradients.
    """
    x, sums, mean, variance, out = kept
    dout = dout * (out > 0)  # the ReLU
    scale, weight = weights[f"{name}_bn.scale"], weights[f"{name}.weight"]
    dsums, dscale, dshift = batch_norm_gradient(dout, sums, mean, variance, scale)
    gradients[f"{name}_bn.scale"], gradients[f"{name}_bn.shift"] = dscale, dshift
    gradients[f"{name}.weight"] = weight_gradient(dsums, x, len(weight), padding)
    return input_gradient(dsums, weight, padding)


# new
def features(weights, averages, images, training):
    """Return the list of feature maps, and what backward needs.

    images: (N, SIZE, SIZE, 3), without the mean. The maps are those that LAYERS names.
    """
    x, maps, kept = images, [], []
    for name, pool, _, padding, _, is_map in LAYERS:
        before, x = x, max_pool(x) if pool else x
        x, of_block = block(weights, averages, name, x, padding, training)
        kept.append((before, of_block))
        if is_map:
            maps.append(x)
    return maps, kept


# lesson 07, rewritten for maps
def flatten_map(out, values):
    """Return a row for each box: (N, H, W, boxes * values) -> (N, rows, values)."""
    return out.reshape(len(out), -1, values)  # the channels are last already


# new
def predict(weights, maps):
    """Return loc (N, K, 4), conf (N, K, C); maps: a list, as the predictors see them.

    Predictors are convolutions, 3 x 3 with padding 1 and a bias; conf are logits.
    """
    rows = {"loc": [], "conf": []}
    for number, x in enumerate(maps):
        for name, values in (("loc", 4), ("conf", CLASSES)):
            weight, bias = (
                weights[f"{name}.{number}.{part}"] for part in ("weight", "bias")
            )
            rows[name].append(flatten_map(convolve(x, weight, 1) + bias, values))
    return np.concatenate(rows["loc"], axis=1), np.concatenate(rows["conf"], axis=1)


# new
def predict_gradient(weights, gradients, maps, dloc, dconf):
    """Return a list with the gradient of each of maps; dloc (N, K, 4), dconf (N, K, C).

    The gradients of the predictors' weights and biases are put into gradients.
    """
    dmaps, first = [], 0
    for number, (x, (size, *_, ratios)) in enumerate(zip(maps, MAPS)):
        last, dx = first + count_boxes([(size, len(ratios))]), 0
        for name, drows in ((f"loc.{number}", dloc), (f"conf.{number}", dconf)):
            dout = drows[:, first:last].reshape(len(x), size, size, -1)
            gradients[f"{name}.weight"] = weight_gradient(dout, x, 3, 1)
            gradients[f"{name}.bias"] = bias_gradient(dout)
            dx = dx + input_gradient(dout, weights[f"{name}.weight"], 1)
        dmaps.append(dx)
        first = last
    return dmaps


# new
def forward(weights, averages, images, training):
    """Return loc (N, K, 4), conf (N, K, C) and what backward needs.

    The predictors see the first map normalized; the layers after it see it as it is.
    """
    maps, kept = features(weights, averages, images, training)
    seen = [normalize(maps[0], weights["norm.scale"]), *maps[1:]]  # by the predictors
    return *predict(weights, seen), (maps, seen, kept)


# new
def backward(weights, kept, dloc, dconf):
    """Return the gradient of every weight, by its name; kept: what forward returned."""
    (maps, seen, kept), gradients = kept, {}
    dmaps = predict_gradient(weights, gradients, seen, dloc, dconf)
    scale = weights["norm.scale"]
    dmaps[0], gradients["norm.scale"] = normalize_gradient(dmaps[0], maps[0], scale)
    dx = 0
    for layer, (before, of_block) in zip(LAYERS[::-1], kept[::-1]):
        name, pool, _, padding, _, is_map = layer
        if is_map:
            dx = dx + dmaps.pop()  # where trunk and branch meet, gradients add
        dx = block_gradient(weights, gradients, name, dx, padding, of_block)
        if pool:
            dx = pool_gradient(before, dx)
    return gradients


# ---- the loss ------------------------------------------------------------------------


# lesson 10
def smooth_l1_pair(x):
    """Return smooth L1 of each number of x, and its gradient; both have x's shape."""
    near = np.abs(x) < 1
    value = np.where(near, 0.5 * x**2, np.abs(x) - 0.5)
    gradient = np.where(near, x, np.sign(x))
    return value, gradient


# lesson 10
def log_sum_exp(logits):
    """Return log(sum(exp)) of each row of logits (N, C): (N,)."""
    largest = logits.max(axis=1, keepdims=True)  # (N, 1)
    return np.log(np.exp(logits - largest).sum(axis=1)) + largest[:, 0]


# lesson 10, rewritten for rows
def cross_entropy(logits, labels):
    """Return the losses (P,) and gradients (P, C) of logits (P, C) and labels (P,)."""
    log_probabilities = logits - log_sum_exp(logits)[:, None]
    rows = np.arange(len(labels))
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    return -log_probabilities[rows, labels], gradient


# lesson 11
def mine_batch(loss, positive, ratio):
    """Return the mask (N, K) of the hardest negatives, ratio for each positive."""
    hardness = np.where(positive, -np.inf, loss)  # (N, K) a positive comes last
    order = np.argsort(-hardness, axis=1, kind="stable")  # (N, K)
    rank = np.argsort(order, axis=1)  # (N, K)
    wanted = ratio * positive.sum(axis=1, keepdims=True)  # (N, 1)
    return (rank < wanted) & ~positive


# lesson 10
def whole_loss(loc_losses, conf_losses, positive, negative):
    """Return the loss; loc_losses (..., 4), the others (...)."""
    total = conf_losses[positive | negative].sum() + loc_losses[positive].sum()
    return total / max(1, positive.sum())


# new
def loss_and_gradients(loc, conf, loc_targets, conf_targets):
    """Return the loss of a batch, dloc (N, K, 4) and dconf (N, K, C).

    loc, conf: what forward returned; loc_targets (N, K, 4), conf_targets (N, K). All
    three are divided by the positives of the whole batch (lesson 10).
    """
    logits, classes = conf.reshape(-1, CLASSES), conf_targets.reshape(-1)
    losses, dconf = cross_entropy(logits, classes)  # (N * K,), (N * K, C)
    background = cross_entropy(logits, np.zeros_like(classes))[0]  # (N * K,)
    positive = conf_targets > 0  # (N, K)
    negative = mine_batch(background.reshape(positive.shape), positive, 3)  # (N, K)
    loc_losses, dloc = smooth_l1_pair(loc - loc_targets)  # (N, K, 4) each
    loss = whole_loss(loc_losses, losses.reshape(positive.shape), positive, negative)
    divisor = max(1, int(positive.sum()))  # an int, so that float32 stays float32
    dloc = dloc * positive[..., None] / divisor
    dconf = dconf.reshape(conf.shape) * (positive | negative)[..., None] / divisor
    return loss, dloc, dconf


# ---- training ------------------------------------------------------------------------


# lesson 13
def sgd(value, gradient, velocity, lr, momentum, decay):
    """Return the new value and the new velocity."""
    velocity = momentum * velocity + lr * (gradient + decay * value)
    return value - velocity, velocity


# lesson 13
def learning_rate(iteration, iterations, lr, warm_up):
    """Return the rate at an iteration: a warm-up, then a tenth, then a hundredth."""
    if iteration < warm_up:
        return lr * (iteration + 1) / (warm_up + 1)
    drops = round(iterations * 2 / 3), round(iterations * 5 / 6)
    return lr * 0.1 ** sum(iteration >= drop for drop in drops)


# lesson 12
def flip_boxes(boxes):
    """Return boxes (M, 4) xyxy of the flipped image."""
    x1, y1, x2, y2 = boxes.T
    return np.stack([1 - x2, y1, 1 - x1, y2], axis=1)


# new
def prepare(images):
    """Return images (N, SIZE, SIZE, 3) uint8 as float32, without the mean."""
    return images.astype(np.float32) - MEAN


# new
def make_batch(samples, flips, defaults):
    """Return images (N, SIZE, SIZE, 3) float32 and their targets, (N, K, 4) and (N, K).

    samples: N of (image uint8, boxes (M, 4), labels (M,)); flips: of each, whether the
    image is flipped left to right.
    """
    images, loc, conf = [], [], []
    for (image, boxes, labels), flip in zip(samples, flips):
        if flip:
            image, boxes = image[:, ::-1], flip_boxes(boxes)
        images.append(image)
        for column, part in zip((loc, conf), targets(boxes, labels, defaults)):
            column.append(part)
    return prepare(np.stack(images)), np.stack(loc), np.stack(conf)


# new
def train_step(weights, averages, velocities, batch, rate):
    """Move every weight once, and return the loss of the batch before.

    batch: what make_batch returns; velocities: of each weight, zeros at first. Momentum
    is 0.9, the decay of weights 5e-4 (lesson 13). All three dictionaries change.
    """
    images, loc_targets, conf_targets = batch
    loc, conf, kept = forward(weights, averages, images, True)
    loss, dloc, dconf = loss_and_gradients(loc, conf, loc_targets, conf_targets)
    for name, gradient in backward(weights, kept, dloc, dconf).items():
        lr = 2 * rate if name.endswith(".bias") else rate  # lesson 13
        decay = 0 if name.endswith(".bias") or "_bn." in name else 5e-4
        state = weights[name], gradient, velocities[name]
        weights[name], velocities[name] = sgd(*state, lr, 0.9, decay)
    return loss


# new
def train(samples, steps, batch_size=8, lr=0.01, seed=0, look=None):
    """Return weights and averages after so many steps on samples, see make_batch.

    look(step, loss, weights, averages) is called after each step.
    """
    rng, (weights, averages) = np.random.default_rng(seed), new_network(seed)
    velocities = {name: np.zeros_like(value) for name, value in weights.items()}
    defaults, left = default_boxes(), []
    for step in range(steps):
        if len(left) < batch_size:  # each image once, then again in another order
            left = list(rng.permutation(len(samples)))
        numbers, left = left[:batch_size], left[batch_size:]
        flips = rng.random(batch_size) < 0.5
        batch = make_batch([samples[number] for number in numbers], flips, defaults)
        rate = learning_rate(step, steps, lr, 50)
        loss = train_step(weights, averages, velocities, batch, rate)
        if look:
            look(step, loss, weights, averages)
    return weights, averages


# ---- detection -----------------------------------------------------------------------


# lesson 14
def decode_box(offsets, default_box):
    """Return the box (4,) xyxy of offsets (4,) from default_box (4,) cxcywh.

    It also takes many at once, as columns: (4, K) and (4, K) give (4, K).
    """
    dx, dy, dw, dh = offsets
    cx, cy, w, h = default_box
    x, y = cx + dx * 0.1 * w, cy + dy * 0.1 * h
    width, height = w * np.exp(dw * 0.2), h * np.exp(dh * 0.2)
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


# lesson 00
def detections_over(probabilities, threshold):
    """Return rows, labels and scores over the threshold, best first.

    probabilities: (K, C), background first.
    """
    rows, columns = np.nonzero(
        probabilities[:, 1:] > threshold
    )  # column 0 was background
    labels = columns + 1
    scores = probabilities[rows, labels]
    order = np.argsort(-scores, kind="stable")
    return rows[order], labels[order], scores[order]


# lesson 14, rewritten for a row of IoUs at a time
def nms(boxes, scores, threshold):
    """Return the indices of the boxes (P, 4) xyxy that are kept, best first."""
    left, keep = np.argsort(-scores, kind="stable"), []
    while len(left):
        best, left = left[0], left[1:]
        keep.append(int(best))
        left = left[iou_matrix(boxes[[best]], boxes[left])[0] <= threshold]
    return keep


# lesson 14
def nms_each_class(boxes, labels, scores, threshold):
    """Return the indices of the boxes that are kept, class by class, best first."""
    keep = []
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        keep += [int(mine[i]) for i in nms(boxes[mine], scores[mine], threshold)]
    return sorted(keep, key=lambda i: -scores[i])


# lesson 00
def to_pixels(boxes, image_shape):
    """Return boxes (P, 4) in pixels of an image of this shape, (height, width, 3)."""
    height, width = image_shape[:2]
    return boxes * np.array([width, height, width, height])


# new
def detect(weights, averages, image, threshold=0.01):
    """Return boxes (D, 4) xyxy in pixels, labels (D,) and scores (D,), best first.

    image: (SIZE, SIZE, 3) uint8. NMS at 0.45; at most 200 stay, clipped to the image.
    """
    loc, conf, _ = forward(weights, averages, prepare(image[None]), False)
    probabilities = np.exp(conf[0] - log_sum_exp(conf[0])[:, None])  # (K, C)
    boxes = decode_box(loc[0].T, default_boxes().T).T  # (K, 4)
    rows, labels, scores = detections_over(probabilities, threshold)
    keep = nms_each_class(boxes[rows], labels, scores, 0.45)[:200]
    boxes = np.clip(boxes[rows[keep]], 0, 1)  # only now, lesson 14
    return to_pixels(boxes, image.shape), labels[keep], scores[keep]
