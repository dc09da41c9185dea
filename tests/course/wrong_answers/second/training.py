"""Lessons 09 to 13: matching, losses, mining, training."""

import math

import numpy as np

from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("orphans", "looks at the smallest of each row")
def orphans_min(overlaps, threshold):
    return sum(1 for row in overlaps if row.min() < threshold)


@wrong("orphans", "returns which objects they are")
def orphans_list(overlaps, threshold):
    return [m for m in range(len(overlaps)) if overlaps[m].max() < threshold]


@wrong("orphans", "counts all pairs below the threshold")
def orphans_pairs(overlaps, threshold):
    return np.count_nonzero(overlaps < threshold)


@wrong("encode_box", "no logarithm")
def encode_box_quotient(box, default_box):
    cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    w, h = box[2] - box[0], box[3] - box[1]
    d = default_box
    return np.array([(cx - d[0]) / d[2] / 0.1, (cy - d[1]) / d[3] / 0.1, w / d[2] / 0.2, h / d[3] / 0.2])


@wrong("encode_box", "0.1 and 0.2 are exchanged")
def encode_box_exchanged(box, default_box):
    c = (box[:2] + box[2:]) / 2
    s = box[2:] - box[:2]
    return np.r_[(c - default_box[:2]) / default_box[2:] / 0.2, np.log(s / default_box[2:]) / 0.1]


@wrong("encode_box", "default box minus object")
def encode_box_direction(box, default_box):
    x1, y1, x2, y2 = box
    dx, dy, dw, dh = default_box
    gx, gy, gw, gh = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1
    return [(dx - gx) / (0.1 * dw), (dy - gy) / (0.1 * dh), math.log(dw / gw) / 0.2, math.log(dh / gh) / 0.2]


@wrong("encode_box", "the center is half of the size")
def encode_box_half_size(box, default_box):
    w, h = box[2] - box[0], box[3] - box[1]
    cx, cy = w / 2, h / 2
    dx, dy, dw, dh = default_box
    return np.array([(cx - dx) / dw / 0.1, (cy - dy) / dh / 0.1, np.log(w / dw) / 0.2, np.log(h / dh) / 0.2])


@wrong("encode_box", "in pixels: not divided by the default box's size")
def encode_box_pixels(box, default_box):
    dx, dy, dw, dh = default_box
    cx, cy = (box[2] + box[0]) / 2, (box[3] + box[1]) / 2
    return np.array(
        [
            (cx - dx) / 0.1,
            (cy - dy) / 0.1,
            np.log((box[2] - box[0]) / dw) / 0.2,
            np.log((box[3] - box[1]) / dh) / 0.2,
        ]
    )


@wrong("match_boxes", "only each object's own default box")
def match_own_only(overlaps, threshold):
    owner = np.full(overlaps.shape[1], -1)
    t = overlaps.astype(float).copy()
    for _ in range(min(t.shape)):
        m, k = np.unravel_index(np.argmax(t), t.shape)
        owner[k] = m
        t[m, :] = -1
        t[:, k] = -1
    return owner


@wrong("match_boxes", "the threshold itself is not enough")
def match_strictly(overlaps, threshold):
    owner = [-1] * overlaps.shape[1]
    for k in range(overlaps.shape[1]):
        best = int(np.argmax(overlaps[:, k]))
        if overlaps[best, k] > threshold:
            owner[k] = best
    pairs = sorted(((-overlaps[m, k], k, m) for m, k in np.ndindex(overlaps.shape)))
    done_m, done_k = set(), set()
    for _, k, m in pairs:
        if m not in done_m and k not in done_k:
            owner[k] = m
            done_m.add(m)
            done_k.add(k)
    return owner


@wrong("match_boxes", "no threshold: every default box gets its best object")
def match_everything(overlaps, threshold):
    return np.argmax(overlaps, axis=0)


@wrong("match_boxes", "writes into the table that it was given")
def match_in_place(overlaps, threshold):
    owner = np.where(overlaps.max(0) >= threshold, overlaps.argmax(0), -1)
    for _ in range(min(overlaps.shape)):
        m, k = np.unravel_index(overlaps.argmax(), overlaps.shape)
        owner[k] = m
        overlaps[m] = -1
        overlaps[:, k] = -1
    return owner


@wrong("labels_of", "the object's number instead of its label")
def labels_of_index(owner, labels):
    return np.where(owner < 0, 0, owner + 1)


@wrong("labels_of", "background is -1")
def labels_of_keeps_minus_one(owner, labels):
    return [labels[m] if m != -1 else -1 for m in owner]


@wrong("labels_of", "background boxes are left out")
def labels_of_positives(owner, labels):
    return [labels[m] for m in owner if m >= 0]


@wrong("first_loss", "base 10")
def first_loss_base_ten(classes, ratio):
    return (ratio + 1) * math.log10(classes)


@wrong("first_loss", "background is added once more")
def first_loss_plus_background(classes, ratio):
    p = 1 / (classes + 1)
    return -(1 + ratio) * math.log(p)


@wrong("first_loss", "background is left out")
def first_loss_no_background(classes, ratio):
    return (1 + ratio) * -np.log(1 / (classes - 1))


@wrong("smooth_l1_pair", "compares x, not |x|")
def smooth_l1_no_abs(x):
    return np.where(x < 1, 0.5 * x * x, x - 0.5), np.where(x < 1, x, 1)


@wrong("smooth_l1_pair", "- 0.5 is missing")
def smooth_l1_no_offset(x):
    a = np.abs(x)
    return np.where(a < 1, a**2 / 2, a), np.clip(x, -1, 1)


@wrong("smooth_l1_pair", "the sums")
def smooth_l1_sums(x):
    a = np.abs(x)
    value = np.where(a < 1, 0.5 * x**2, a - 0.5)
    return value.sum(), np.where(a < 1, x, np.sign(x))


@wrong("smooth_l1_pair", "the gradient of x squared over 2 everywhere")
def smooth_l1_linear_gradient(x):
    a = np.abs(x)
    value = np.where(a < 1, 0.5 * x**2, a - 0.5)
    return value, x.copy()


@wrong("smooth_l1_pair", "an if on an array")
def smooth_l1_if(x):
    if abs(x) < 1:
        return 0.5 * x**2, x
    return abs(x) - 0.5, np.sign(x)


@wrong("cross_entropy", "the probabilities, without - 1")
def cross_entropy_softmax(logits, label):
    z = logits - logits.max()
    lse = np.log(np.exp(z).sum())
    return lse - z[label], np.exp(z - lse)


@wrong("cross_entropy", "the logarithm of a probability of 0")
def cross_entropy_log_zero(logits, label):
    e = np.exp(logits - logits.max())
    p = e / e.sum()
    onehot = np.zeros(len(p))
    onehot[label] = 1
    with np.errstate(all="ignore"):
        return -np.log(p[label]), p - onehot


@wrong("cross_entropy", "an epsilon in the logarithm")
def cross_entropy_epsilon(logits, label):
    e = np.exp(logits - logits.max())
    p = e / e.sum()
    g = p.copy()
    g[label] -= 1
    return -np.log(p[label] + 1e-12), g


@wrong("cross_entropy", "the loss has no minus")
def cross_entropy_positive_log(logits, label):
    z = logits - logits.max()
    logp = z - np.log(np.exp(z).sum())
    g = np.exp(logp)
    g[label] -= 1
    return logp[label], g


@wrong("cross_entropy", "subtracts the mean, not the largest")
def cross_entropy_mean(logits, label):
    with np.errstate(all="ignore"):
        z = logits - logits.mean()
        p = np.exp(z) / np.exp(z).sum()
        g = p.copy()
        g[label] -= 1
        return -np.log(p[label]), g


@wrong("log_sum_exp", "nothing is subtracted")
def log_sum_exp_naive(logits):
    with np.errstate(all="ignore"):
        return np.array([np.log(np.sum(np.exp(row))) for row in logits])


@wrong("log_sum_exp", "the largest without the sum")
def log_sum_exp_max(logits):
    return np.max(logits, axis=1)


@wrong("log_sum_exp", "subtracts where it should add")
def log_sum_exp_minus(logits):
    m = np.max(logits, axis=1)
    return np.log(np.exp(logits - m[:, None]).sum(1)) - m


@wrong("log_sum_exp", "one number for all rows")
def log_sum_exp_all(logits):
    m = logits.max()
    return m + np.log(np.exp(logits - m).sum())


@wrong("whole_loss", "each sum by its own number")
def whole_loss_two_means(loc_losses, conf_losses, positive, negative):
    p, n = positive.sum(), negative.sum()
    if p == 0:
        return 0.0
    return conf_losses[positive | negative].sum() / (p + n) + loc_losses[positive].sum() / p


@wrong("whole_loss", "all default boxes count for the confidence")
def whole_loss_all_confidence(loc_losses, conf_losses, positive, negative):
    n = max(int(positive.sum()), 1)
    return conf_losses.sum() / n + loc_losses[positive].sum() / n


@wrong("whole_loss", "the negatives are forgotten")
def whole_loss_only_positive(loc_losses, conf_losses, positive, negative):
    total, n = 0.0, 0
    for k in range(len(positive)):
        if positive[k]:
            total += conf_losses[k] + loc_losses[k].sum()
            n += 1
    return total / n if n else 0.0


@wrong("whole_loss", "brackets are missing: only the location part is divided")
def whole_loss_precedence(loc_losses, conf_losses, positive, negative):
    n = max(positive.sum(), 1)
    return conf_losses[positive | negative].sum() + loc_losses[positive].sum() / n


@wrong("how_many", "positives are counted in")
def how_many_with_positives(positives, boxes, ratio):
    return min(positives + ratio * positives, boxes)


@wrong("how_many", "the larger of the two")
def how_many_max(positives, boxes, ratio):
    return max(ratio * positives, boxes - positives)


@wrong("how_many", "at least ratio of them")
def how_many_at_least(positives, boxes, ratio):
    wanted = ratio * positives
    if wanted < ratio:
        wanted = ratio
    return min(wanted, boxes - positives)


@wrong("mine_image", "places among the negatives are used as places among all")
def mine_image_local(loss, positive, ratio):
    mask = np.zeros(len(loss), bool)
    negatives = loss[~positive]
    order = np.argsort(-negatives, kind="stable")[: ratio * positive.sum()]
    mask[order] = True
    return mask


@wrong("mine_image", "everything at or above the limit")
def mine_image_limit(loss, positive, ratio):
    n = ratio * int(positive.sum())
    negatives = sorted(loss[~positive], reverse=True)
    if n == 0:
        return np.zeros(len(loss), bool)
    limit = negatives[min(n, len(negatives)) - 1]
    return (loss >= limit) & ~positive


@wrong("mine_image", "the positives are chosen as well")
def mine_image_both(loss, positive, ratio):
    order = np.argsort(-loss, kind="stable")
    mask = np.zeros(len(loss), dtype=bool)
    mask[order[: ratio * positive.sum()]] = True
    return mask


@wrong("mine_image", "ratio negatives, however many positives")
def mine_image_ratio(loss, positive, ratio):
    if not positive.any():
        return np.zeros(len(loss), bool)
    idx = [i for i in np.argsort(-loss, kind="stable") if not positive[i]][:ratio]
    mask = np.zeros(len(loss), bool)
    mask[idx] = True
    return mask


@wrong("rank_of", "equal numbers have the same rank")
def rank_of_shared(loss):
    return np.array([np.sum(loss > v) for v in loss])


@wrong("rank_of", "the order turned around")
def rank_of_reversed_order(loss):
    return np.argsort(loss, kind="stable")[::-1]


@wrong("rank_of", "two sorts, but of equals the later comes first")
def rank_of_reversed_twice(loss):
    order = np.argsort(loss, kind="stable")[::-1]
    rank = np.empty(len(loss), int)
    rank[order] = np.arange(len(loss))
    return rank


@wrong("mine_batch", "one sort")
def mine_batch_one_sort(loss, positive, ratio):
    masked = loss.copy()
    masked[positive] = -np.inf
    rank = np.argsort(-masked, axis=1, kind="stable")
    return (rank < ratio * positive.sum(1, keepdims=True)) & ~positive


@wrong("mine_batch", "the positives of the whole batch")
def mine_batch_all_positives(loss, positive, ratio):
    masked = np.where(positive, -np.inf, loss)
    rank = np.argsort(np.argsort(-masked, axis=1, kind="stable"), axis=1, kind="stable")
    return (rank < ratio * positive.sum()) & ~positive


@wrong("mine_batch", "the losses that were given are changed")
def mine_batch_in_place(loss, positive, ratio):
    loss[positive] = -1e9
    rank = np.argsort(np.argsort(-loss, axis=1, kind="stable"), axis=1, kind="stable")
    return (rank < ratio * positive.sum(axis=1)[:, None]) & ~positive


@wrong("mine_batch", "the positives are in the mask, too")
def mine_batch_or(loss, positive, ratio):
    masked = np.where(positive, np.inf, loss)
    rank = np.argsort(np.argsort(-masked, axis=1, kind="stable"), axis=1, kind="stable")
    return rank < (ratio + 1) * positive.sum(axis=1, keepdims=True)


@wrong("sgd", "the decay is outside of the brackets, without the rate")
def sgd_decay_outside(value, gradient, velocity, lr, momentum, decay):
    v = momentum * velocity + lr * gradient + decay * value
    return value - v, v


@wrong("sgd", "the velocity is negative")
def sgd_negative(value, gradient, velocity, lr, momentum, decay):
    v = momentum * velocity - lr * (gradient + decay * value)
    return value + v, v


@wrong("sgd", "changes the velocity that it was given")
def sgd_in_place(value, gradient, velocity, lr, momentum, decay):
    velocity *= momentum
    velocity += lr * (gradient + decay * value)
    return value - velocity, velocity


@wrong("sgd", "the velocity comes first")
def sgd_order(value, gradient, velocity, lr, momentum, decay):
    v = momentum * velocity + lr * (gradient + decay * value)
    return v, value - v


@wrong("flip_boxes", "both axes are flipped")
def flip_boxes_both(boxes):
    return 1 - boxes[:, [2, 3, 0, 1]]


@wrong("flip_boxes", "the boxes are only negated")
def flip_boxes_negative(boxes):
    out = boxes.copy()
    out[:, 0], out[:, 2] = -boxes[:, 2], -boxes[:, 0]
    return out


@wrong("learning_rate", "the full rate in the warm-up")
def learning_rate_no_warm_up(iteration, iterations, lr, warm_up):
    if iteration >= iterations * 5 // 6:
        return lr * 0.01
    if iteration >= iterations * 2 // 3:
        return lr * 0.1
    return lr


@wrong("learning_rate", "divides by warm_up without + 1")
def learning_rate_warm(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return (iteration + 1) / warm_up * lr
    drops = (iteration >= round(2 / 3 * iterations)) + (iteration >= round(5 / 6 * iterations))
    return lr * 0.1**drops


@wrong("learning_rate", "falls by a tenth, not to a tenth")
def learning_rate_by_a_tenth(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return lr * (iteration + 1) / (warm_up + 1)
    if iteration >= 5 / 6 * iterations:
        return lr * 0.9 * 0.9
    if iteration >= 2 / 3 * iterations:
        return lr * 0.9
    return lr


@wrong("accumulated_gradient", "divides by the number of micro-batches")
def accumulated_by_parts(gradients, positives):
    total = sum(g * p for g, p in zip(gradients, positives))
    return total / len(gradients)


@wrong("accumulated_gradient", "not multiplied by the positives of each part")
def accumulated_not_undone(gradients, positives):
    return np.sum(gradients, axis=0) / np.sum(positives)


@wrong("accumulated_gradient", "one number for all weights")
def accumulated_one(gradients, positives):
    return np.sum(gradients * np.reshape(positives, (-1, 1))) / sum(positives)
