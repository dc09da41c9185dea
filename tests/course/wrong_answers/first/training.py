"""Lessons 09 to 13: matching, losses, mining, training."""

import numpy as np

from tests.course.wrong_answers.collection import Collection

wrong = Collection()


@wrong("orphans", "counts default boxes, not objects")
def orphans_of_boxes(overlaps, threshold):
    return (overlaps.max(axis=0) < threshold).sum()


@wrong("orphans", "an IoU of exactly the threshold is taken for too little")
def orphans_or_equal(overlaps, threshold):
    n = 0
    for row in overlaps:
        if max(row) <= threshold:
            n += 1
    return n


@wrong("orphans", "counts the objects that have one")
def orphans_others(overlaps, threshold):
    return int(np.sum(np.any(overlaps >= threshold, axis=1)))


@wrong("encode_box", "x_min and y_min are taken for the center")
def encode_box_corner(box, default_box):
    x, y = box[0], box[1]
    w, h = box[2] - box[0], box[3] - box[1]
    dx, dy, dw, dh = default_box
    return np.array([(x - dx) / dw / 0.1, (y - dy) / dh / 0.1, np.log(w / dw) / 0.2, np.log(h / dh) / 0.2])


@wrong("encode_box", "without the 0.1 and 0.2")
def encode_box_plain(box, default_box):
    cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    w, h = box[2] - box[0], box[3] - box[1]
    dx, dy, dw, dh = default_box
    return np.array([(cx - dx) / dw, (cy - dy) / dh, np.log(w / dw), np.log(h / dh)])


@wrong("encode_box", "multiplies by 0.1 and 0.2 instead of dividing")
def encode_box_multiplies(box, default_box):
    center = (box[:2] + box[2:]) / 2
    size = box[2:] - box[:2]
    return np.concatenate([0.1 * (center - default_box[:2]) / default_box[2:], 0.2 * np.log(size / default_box[2:])])


@wrong("encode_box", "divides by the object's size, not the default box's")
def encode_box_by_object(box, default_box):
    x1, y1, x2, y2 = box
    w, h = x2 - x1, y2 - y1
    dx, dy, dw, dh = default_box
    tx = ((x1 + x2) / 2 - dx) / (0.1 * w)
    ty = ((y1 + y2) / 2 - dy) / (0.1 * h)
    return [tx, ty, np.log(w / dw) / 0.2, np.log(h / dh) / 0.2]


@wrong("match_boxes", "only the threshold; no default box of each object's own")
def match_threshold_only(overlaps, threshold):
    best = overlaps.argmax(axis=0)
    return np.where(overlaps.max(axis=0) >= threshold, best, -1)


@wrong("match_boxes", "each object takes its best in turn, also from another object")
def match_in_turn(overlaps, threshold):
    owner = []
    for k in range(overlaps.shape[1]):
        column = list(overlaps[:, k])
        m = column.index(max(column))
        owner.append(m if column[m] >= threshold else -1)
    for m in range(overlaps.shape[0]):
        owner[int(overlaps[m].argmax())] = m
    return owner


@wrong("match_boxes", "the threshold comes last and overrides the default box of an object's own")
def match_threshold_last(overlaps, threshold):
    table = overlaps.copy()
    owner = np.full(overlaps.shape[1], -1)
    for _ in range(len(overlaps)):
        m, k = np.unravel_index(table.argmax(), table.shape)
        owner[k] = m
        table[m] = -1
        table[:, k] = -1
    for k in range(overlaps.shape[1]):
        m = overlaps[:, k].argmax()
        if overlaps[m, k] >= threshold:
            owner[k] = m
    return owner


@wrong("match_boxes", "objects choose their own in their order, not the best pair first")
def match_by_object_order(overlaps, threshold):
    owner = np.full(overlaps.shape[1], -1)
    for k in range(overlaps.shape[1]):
        if overlaps[:, k].max() >= threshold:
            owner[k] = overlaps[:, k].argmax()
    taken = set()
    for m, row in enumerate(overlaps):
        for k in np.argsort(-row, kind="stable"):
            if k not in taken:
                owner[k] = m
                taken.add(k)
                break
    return owner


@wrong("labels_of", "a background box, -1, gets the last object's class")
def labels_of_minus_one(owner, labels):
    if len(labels) == 0:
        return np.zeros(len(owner), int)
    return np.array(labels)[owner]


@wrong("labels_of", "without objects there is no last label to take: an error")
def labels_of_empty(owner, labels):
    return np.where(owner >= 0, labels[owner], 0)


@wrong("labels_of", "the first object, 0, is taken for background")
def labels_of_zero(owner, labels):
    out = np.zeros(len(owner), dtype=int)
    for i, m in enumerate(owner):
        if m > 0:
            out[i] = labels[m]
    return out


@wrong("first_loss", "the negatives are forgotten")
def first_loss_positives(classes, ratio):
    return np.log(classes)


@wrong("first_loss", "the positives are forgotten")
def first_loss_negatives(classes, ratio):
    return -ratio * np.log(1 / classes)


@wrong("first_loss", "divides by positives and negatives")
def first_loss_mean(classes, ratio):
    positives = 1
    negatives = ratio * positives
    total = (positives + negatives) * -np.log(1 / classes)
    return total / (positives + negatives)


@wrong("first_loss", "the background is counted twice")
def first_loss_background(classes, ratio):
    return (1 + ratio) * np.log(classes + 1)


@wrong("smooth_l1_pair", "the gradient is the sign everywhere")
def smooth_l1_sign(x):
    value = np.where(np.abs(x) < 1, 0.5 * x**2, np.abs(x) - 0.5)
    return value, np.sign(x)


@wrong("smooth_l1_pair", "the half is missing inside")
def smooth_l1_no_half(x):
    inside = np.abs(x) < 1
    loss = np.where(inside, x**2, np.abs(x) - 0.5)
    gradient = np.where(inside, 2 * x, np.sign(x))
    return loss, gradient


@wrong("smooth_l1_pair", "the gradient has no sign outside")
def smooth_l1_unsigned(x):
    loss, gradient = np.zeros(x.shape), np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        if abs(x[i]) < 1:
            loss[i], gradient[i] = x[i] ** 2 / 2, x[i]
        else:
            loss[i], gradient[i] = abs(x[i]) - 0.5, 1
    return loss, gradient


@wrong("smooth_l1_pair", "returns the value alone")
def smooth_l1_one(x):
    g = np.clip(x, -1, 1)
    return g * (x - g / 2)


@wrong("cross_entropy", "exp overflows")
def cross_entropy_overflow(logits, label):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum()
        gradient = p.copy()
        gradient[label] -= 1
        return -np.log(p[label]), gradient


@wrong("cross_entropy", "the gradient is the same array as the probabilities, so the loss is log of a negative number")
def cross_entropy_alias(logits, label):
    z = logits - logits.max()
    p = np.exp(z) / np.exp(z).sum()
    g = p
    g[label] -= 1
    with np.errstate(all="ignore"):
        return -np.log(p[label]), g


@wrong("cross_entropy", "the gradient has the wrong sign")
def cross_entropy_sign(logits, label):
    z = logits - np.max(logits)
    log_p = z - np.log(np.sum(np.exp(z)))
    one_hot = np.eye(len(logits))[label]
    return -log_p[label], one_hot - np.exp(log_p)


@wrong("cross_entropy", "the gradient is only that of the right class")
def cross_entropy_only_right(logits, label):
    e = np.exp(logits - max(logits))
    p = e / sum(e)
    gradient = np.zeros(len(logits))
    gradient[label] = p[label] - 1
    loss = max(logits) + np.log(sum(e)) - logits[label]
    return loss, gradient


@wrong("log_sum_exp", "the largest of the whole batch")
def log_sum_exp_whole(logits):
    m = logits.max()
    with np.errstate(all="ignore"):
        return m + np.log(np.exp(logits - m).sum(axis=1))


@wrong("log_sum_exp", "the largest is not added again")
def log_sum_exp_not_added(logits):
    m = logits.max(axis=1, keepdims=True)
    return np.log(np.exp(logits - m).sum(axis=1))


@wrong("log_sum_exp", "keeps the axis: shape (N, 1)")
def log_sum_exp_keeps_axis(logits):
    m = logits.max(axis=1, keepdims=True)
    return np.log(np.exp(logits - m).sum(axis=1, keepdims=True)) + m


@wrong("log_sum_exp", "columns instead of rows")
def log_sum_exp_columns(logits):
    m = logits.max(axis=0)
    return np.log(np.exp(logits - m).sum(axis=0)) + m


@wrong("whole_loss", "divides by positives and negatives")
def whole_loss_all(loc_losses, conf_losses, positive, negative):
    used = positive | negative
    total = conf_losses[used].sum() + loc_losses[positive].sum()
    return total / max(used.sum(), 1)


@wrong("whole_loss", "the mean over the four offsets")
def whole_loss_mean_of_four(loc_losses, conf_losses, positive, negative):
    n = max(1, positive.sum())
    return (conf_losses[positive | negative].sum() + loc_losses[positive].mean(axis=1).sum()) / n


@wrong("whole_loss", "the location loss counts at negatives too")
def whole_loss_loc_everywhere(loc_losses, conf_losses, positive, negative):
    total = 0
    for k in range(len(conf_losses)):
        if positive[k] or negative[k]:
            total += conf_losses[k] + sum(loc_losses[k])
    return total / max(1, sum(positive))


@wrong("whole_loss", "without positives it divides by 0")
def whole_loss_nan(loc_losses, conf_losses, positive, negative):
    with np.errstate(all="ignore"):
        loc = (loc_losses * positive[:, None]).sum()
        conf = (conf_losses * (positive + negative)).sum()
        return (loc + conf) / np.float64(positive.sum())


@wrong("how_many", "more than there are")
def how_many_no_limit(positives, boxes, ratio):
    return ratio * positives


@wrong("how_many", "the limit is all default boxes, not the negatives")
def how_many_all(positives, boxes, ratio):
    return min(ratio * positives, boxes)


@wrong("how_many", "without positives all negatives are trained")
def how_many_zero(positives, boxes, ratio):
    if positives == 0:
        return boxes
    return min(positives * ratio, boxes - positives)


@wrong("mine_image", "positives keep their place in the ranking")
def mine_image_with_positives(loss, positive, ratio):
    order = np.argsort(-loss, kind="stable")
    mask = np.zeros(len(loss), bool)
    mask[order[: ratio * positive.sum()]] = True
    return mask & ~positive


@wrong("mine_image", "of equal losses the higher index wins")
def mine_image_reversed(loss, positive, ratio):
    negatives = np.flatnonzero(~positive)
    order = negatives[np.argsort(loss[negatives], kind="stable")][::-1]
    mask = np.zeros(loss.shape, bool)
    mask[order[: ratio * int(positive.sum())]] = True
    return mask


@wrong("mine_image", "writes into the losses that it was given")
def mine_image_in_place(loss, positive, ratio):
    loss[positive] = -np.inf
    order = np.argsort(-loss, kind="stable")
    n = min(ratio * positive.sum(), (~positive).sum())
    mask = np.zeros(loss.shape, bool)
    mask[order[:n]] = True
    return mask


@wrong("mine_image", "returns indices instead of a mask")
def mine_image_indices(loss, positive, ratio):
    candidates = [k for k in range(len(loss)) if not positive[k]]
    candidates.sort(key=lambda k: (-loss[k], k))
    return candidates[: ratio * sum(positive)]


@wrong("mine_image", "the easiest ones")
def mine_image_easiest(loss, positive, ratio):
    masked = np.where(positive, np.inf, loss)
    order = np.argsort(masked, kind="stable")
    chosen = order[: min(ratio * positive.sum(), (~positive).sum())]
    return np.isin(np.arange(len(loss)), chosen)


@wrong("rank_of", "one sort: the order, not the ranks")
def rank_of_order(loss):
    return np.argsort(-loss, kind="stable")


@wrong("rank_of", "the smallest has rank 0")
def rank_of_ascending(loss):
    return loss.argsort(kind="stable").argsort(kind="stable")


@wrong("rank_of", "begins at 1")
def rank_of_from_one(loss):
    ranks = np.zeros(len(loss), int)
    for rank, k in enumerate(sorted(range(len(loss)), key=lambda k: -loss[k]), start=1):
        ranks[k] = rank
    return ranks


@wrong("mine_batch", "ranked over the whole batch")
def mine_batch_over_batch(loss, positive, ratio):
    masked = np.where(positive, -np.inf, loss).ravel()
    rank = np.argsort(np.argsort(-masked, kind="stable"), kind="stable").reshape(loss.shape)
    wanted = ratio * positive.sum()
    return (rank < wanted) & ~positive


@wrong("mine_batch", "positives are not taken out before the ranking")
def mine_batch_with_positives(loss, positive, ratio):
    rank = (-loss).argsort(axis=1, kind="stable").argsort(axis=1)
    return (rank < ratio * positive.sum(axis=1)[:, None]) & ~positive


@wrong("mine_batch", "positives get the loss 0 and can still be chosen")
def mine_batch_zero(loss, positive, ratio):
    masked = np.where(positive, 0, loss)
    rank = np.argsort(np.argsort(-masked, axis=1, kind="stable"), axis=1, kind="stable")
    return rank < ratio * positive.sum(axis=1, keepdims=True)


@wrong("sgd", "PyTorch's rule: the rate multiplies the velocity")
def sgd_pytorch(value, gradient, velocity, lr, momentum, decay):
    velocity = momentum * velocity + gradient + decay * value
    return value - lr * velocity, velocity


@wrong("sgd", "no weight decay")
def sgd_no_decay(value, gradient, velocity, lr, momentum, decay):
    v = momentum * velocity + lr * gradient
    return value - v, v


@wrong("sgd", "steps with the old velocity")
def sgd_old_velocity(value, gradient, velocity, lr, momentum, decay):
    new_velocity = momentum * velocity + lr * (gradient + decay * value)
    new_value = value - velocity
    return new_value, new_velocity


@wrong("sgd", "adds the step")
def sgd_uphill(value, gradient, velocity, lr, momentum, decay):
    v = velocity * momentum + lr * (gradient + value * decay)
    return value + v, v


@wrong("flip_boxes", "x_min and x_max are not exchanged")
def flip_boxes_not_exchanged(boxes):
    return np.array([[1 - x1, y1, 1 - x2, y2] for x1, y1, x2, y2 in boxes]).reshape(-1, 4)


@wrong("flip_boxes", "flipped upside down")
def flip_boxes_vertical(boxes):
    out = boxes.copy()
    out[:, 1] = 1 - boxes[:, 3]
    out[:, 3] = 1 - boxes[:, 1]
    return out


@wrong("flip_boxes", "out is no copy, so x_max is computed from the new x_min")
def flip_boxes_alias(boxes):
    out = boxes
    out[:, 0] = 1 - boxes[:, 2]
    out[:, 2] = 1 - boxes[:, 0]
    return out


@wrong("learning_rate", "the warm-up begins at 0")
def learning_rate_from_zero(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        lr = lr * iteration / warm_up
    if iteration >= iterations * 5 / 6:
        return lr / 100
    if iteration >= iterations * 2 / 3:
        return lr / 10
    return lr


@wrong("learning_rate", "the second step is missing its own tenth")
def learning_rate_one_tenth(iteration, iterations, lr, warm_up):
    factor = min(1, (iteration + 1) / (warm_up + 1))
    if iteration >= iterations * 2 / 3 or iteration >= iterations * 5 / 6:
        factor *= 0.1
    return lr * factor


@wrong("learning_rate", "the rate falls one iteration too late")
def learning_rate_late(iteration, iterations, lr, warm_up):
    rate = lr
    if iteration <= warm_up:
        rate = lr * (iteration + 1) / (warm_up + 1)
    if iteration > 2 / 3 * iterations:
        rate = rate * 0.1
    if iteration > 5 / 6 * iterations:
        rate = rate * 0.1
    return rate


@wrong("accumulated_gradient", "the mean of the micro-batches")
def accumulated_mean(gradients, positives):
    return gradients.mean(axis=0)


@wrong("accumulated_gradient", "adds them up")
def accumulated_sum(gradients, positives):
    total = np.zeros(gradients.shape[1])
    for g in gradients:
        total += g
    return total


@wrong("accumulated_gradient", "does not divide by all positives in the end")
def accumulated_undivided(gradients, positives):
    return positives @ gradients
