"""The mutants that do the same as the original, and why: no test can tell them apart, and none should try."""

# ruff: noqa: E501 because lines are quoted whole.

BOTH_NEVER = "the two masks are never both true"
MASKS = "for masks of bool, these are the same"
NOT_NEGATIVE = "the number is never negative"
ANY_NEGATIVE = "NumPy takes any negative number for what is left"
SPEED = "a matter of speed alone"
NONE_BELOW = "no word that is allowed comes before it in the alphabet"
ONE_ONLY = "there is one only: the first is the last"
NO_FIT = "less than any overlap that fits, and where none fits it is not read"
MASK_AS_INDICES = "a mask picks the same as its indices"
OUTCOME = "a name for an outcome: that the three differ is all that counts"
NO_AREA = "a box without area shares nothing, wherever it lies"
FAR = "any number so large does"
NO_OUTCOME_BEYOND = "IGNORED is the smallest of the three outcomes, TRUE_POSITIVE the largest"

_BY_FILE = {
    "numpyssd/training/matching.py": {
        ("if overlaps.size == 0:", "if overlaps.size <= 0:"): NOT_NEGATIVE,
        (
            "enough = (best_iou >= iou_threshold) & (best_iou > MIN_IOU)",
            "enough = (best_iou >= iou_threshold) * (best_iou > MIN_IOU)",
        ): MASKS,
        (
            "positives = np.flatnonzero(matched >= 0)  # (P,) indices of default boxes",
            "positives = np.atleast_1d(matched >= 0)  # (P,) indices of default boxes",
        ): MASK_AS_INDICES,
        (
            "left[m, :] = left[:, k] = 0  # the object is served, the default box taken",
            "left[m, :] = left[:, k] = -1  # the object is served, the default box taken",
        ): "both are below MIN_IOU, where the loop ends",
    },
    "numpyssd/training/matching_variants.py": {
        ('if rule == "argmax":', 'if rule <= "argmax":'): "no rule that gets here comes before it in the alphabet",
        (
            "return np.where(areas > 0, overlaps.argmax(axis=1), -1)  # (M,)",
            "return np.where(areas != 0, overlaps.argmax(axis=1), -1)  # (M,)",
        ): NOT_NEGATIVE,
        (
            "return np.where(areas > 0, overlaps.argmax(axis=1), -1)  # (M,)",
            "return np.where(areas > 0, overlaps.argmax(axis=1), - 2)  # (M,)",
        ): "of a negative number only the sign is read",
        (
            "return np.where(areas > 0, overlaps.argmax(axis=1), -1)  # (M,)",
            "return np.where(areas > 0, overlaps.argmax(axis=1), ~1)  # (M,)",
        ): "of a negative number only the sign is read",
        (
            "return np.full(len(overlaps), -1)  # (M,)",
            "return np.full(len(overlaps), - 2)  # (M,)",
        ): "of a negative number only the sign is read",
        (
            "return np.full(len(overlaps), -1)  # (M,)",
            "return np.full(len(overlaps), ~1)  # (M,)",
        ): "of a negative number only the sign is read",
        (
            "return np.full(len(overlaps), -1)  # (M,)",
            "return np.full(len(overlaps), not 1)  # (M,)",
        ): "a False as an index chooses nothing",
    },
    "numpyssd/training/hard_negative_mining.py": {
        (
            'if scope == "batch":  # all as one image',
            'if scope <= "batch":  # all as one image',
        ): "no scope comes before it in the alphabet",
        (
            'row = hard_negatives(loss.reshape(1, -1), positive.reshape(1, -1), ratio, "image", min_negatives)',
            'row = hard_negatives(loss.reshape(1, - 2), positive.reshape(1, -1), ratio, "image", min_negatives)',
        ): ANY_NEGATIVE,
        (
            'row = hard_negatives(loss.reshape(1, -1), positive.reshape(1, -1), ratio, "image", min_negatives)',
            'row = hard_negatives(loss.reshape(1, -1), positive.reshape(1, - 2), ratio, "image", min_negatives)',
        ): ANY_NEGATIVE,
        (
            'row = hard_negatives(loss.reshape(1, -1), positive.reshape(1, -1), ratio, "image", min_negatives)',
            'row = hard_negatives(loss.reshape(1, ~1), positive.reshape(1, -1), ratio, "image", min_negatives)',
        ): ANY_NEGATIVE,
        (
            'row = hard_negatives(loss.reshape(1, -1), positive.reshape(1, -1), ratio, "image", min_negatives)',
            'row = hard_negatives(loss.reshape(1, -1), positive.reshape(1, ~1), ratio, "image", min_negatives)',
        ): ANY_NEGATIVE,
        (
            "wanted = max(ratio * positives if positives else 0, min_negatives)",
            "wanted = max(ratio * positives if positives else -1, min_negatives)",
        ): "min_negatives is at least 0",
        ("if count == 0:", "if count <= 0:"): NOT_NEGATIVE,
    },
    "numpyssd/training/losses.py": {
        (
            "x = x.astype(np.result_type(x, np.float32), copy=False)",
            "x = x.astype(np.result_type(x, np.float32), copy=True)",
        ): "x is only read: " + SPEED,
        (
            "if labels.shape != logits.shape[:-1] or classes == 0:",
            "if labels.shape != logits.shape[:-1] or classes <= 0:",
        ): NOT_NEGATIVE,
        (
            "if ((labels < 0) | (labels >= classes)).any():",
            "if ((labels < 0) + (labels >= classes)).any():",
        ): BOTH_NEVER,
        (
            "if ((labels < 0) | (labels >= classes)).any():",
            "if ((labels < 0) ^ (labels >= classes)).any():",
        ): BOTH_NEVER,
        (
            "loss = -np.take_along_axis(log_probability, at_label, axis=-1)[..., 0]  # (...,)",
            "loss = -np.take_along_axis(log_probability, at_label, axis=-1)[..., -1]  # (...,)",
        ): ONE_ONLY,
    },
    "numpyssd/inference/nms.py": {
        (
            "BLOCK = 64  # rows of IoU calculated in one call: a call for each row would take most of the time",
            "BLOCK = 63  # rows of IoU calculated in one call: a call for each row would take most of the time",
        ): SPEED,
        (
            "BLOCK = 64  # rows of IoU calculated in one call: a call for each row would take most of the time",
            "BLOCK = 65  # rows of IoU calculated in one call: a call for each row would take most of the time",
        ): SPEED,
        (
            "suppressor[candidates[overlapping[i] & left]] = best",
            "suppressor[candidates[overlapping[i] * left]] = best",
        ): MASKS,
    },
    "numpyssd/boxes.py": {
        (
            "MAX_COORDINATE = 1e6  # in units of the image's side: a box that overflowed ends here, and its area is still a number",
            "MAX_COORDINATE = 1000001.0  # in units of the image's side: a box that overflowed ends here, and its area is still a number",
        ): FAR,
        (
            "MAX_COORDINATE = 1e6  # in units of the image's side: a box that overflowed ends here, and its area is still a number",
            "MAX_COORDINATE = 999999.0  # in units of the image's side: a box that overflowed ends here, and its area is still a number",
        ): FAR,
        (
            "proper = (size > 0).all(axis=1) & (areas < np.finfo(areas.dtype).max / 4)",
            "proper = (size > 0).all(axis=1) & (areas < np.finfo(areas.dtype).max // 4)",
        ): "the same for numbers as large as that",
        (
            "proper = (size > 0).all(axis=1) & (areas < np.finfo(areas.dtype).max / 4)",
            "proper = (size > 0).all(axis=1) * (areas < np.finfo(areas.dtype).max / 4)",
        ): MASKS,
        (
            "proper = (size > 0).all(axis=1) & (areas < np.finfo(areas.dtype).max / 4)",
            "proper = (size >= 0).all(axis=1) & (areas < np.finfo(areas.dtype).max / 4)",
        ): NO_AREA,
        (
            "return np.where(proper[:, None], boxes, 0), np.where(proper, areas, 0)",
            "return np.where(proper[:, None], boxes, -1), np.where(proper, areas, 0)",
        ): NO_AREA,
        (
            "return np.where(proper[:, None], boxes, 0), np.where(proper, areas, 0)",
            "return np.where(proper[:, None], boxes, 1), np.where(proper, areas, 0)",
        ): NO_AREA,
    },
    "numpyssd/training/multibox_loss.py": {
        (
            "positive = conf_targets > 0  # (N, K)",
            "positive = conf_targets != 0  # (N, K)",
        ): NOT_NEGATIVE,
        (
            "trained = positive | negative",
            "trained = positive + negative",
        ): BOTH_NEVER,
        (
            "trained = positive | negative",
            "trained = positive ^ negative",
        ): BOTH_NEVER,
        (
            "positives = (np.asarray(conf_targets) > 0).sum(axis=1)  # (N,)",
            "positives = (np.asarray(conf_targets) != 0).sum(axis=1)  # (N,)",
        ): NOT_NEGATIVE,
        (
            'if divisor == "image":',
            'if divisor >= "image":',
        ): "no word that is allowed comes after it in the alphabet",
        (
            "if ((conf_targets < 0) | (conf_targets >= classes)).any():",
            "if ((conf_targets < 0) + (conf_targets >= classes)).any():",
        ): BOTH_NEVER,
        (
            "if ((conf_targets < 0) | (conf_targets >= classes)).any():",
            "if ((conf_targets < 0) ^ (conf_targets >= classes)).any():",
        ): BOTH_NEVER,
    },
    "numpyssd/inference/average_precision.py": {
        (
            'if metric == "coco":',
            'if metric <= "coco":',
        ): NONE_BELOW,
        (
            'thresholds = COCO_THRESHOLDS if metric == "coco" else (iou_threshold,)',
            'thresholds = COCO_THRESHOLDS if metric <= "coco" else (iou_threshold,)',
        ): NONE_BELOW,
        (
            'matches = match_by_class(detections, ground_truth, thresholds, coco=metric == "coco")',
            'matches = match_by_class(detections, ground_truth, thresholds, coco=metric <= "coco")',
        ): NONE_BELOW,
        (
            "if label not in matches or matches[label].objects == 0:",
            "if label not in matches or matches[label].objects <= 0:",
        ): NOT_NEGATIVE,
        (
            "counted = [row[row != IGNORED] == TRUE_POSITIVE for row in outcomes]  # (D,) bool for each threshold",
            "counted = [row[row != IGNORED] >= TRUE_POSITIVE for row in outcomes]  # (D,) bool for each threshold",
        ): NO_OUTCOME_BEYOND,
        (
            "counted = [row[row != IGNORED] == TRUE_POSITIVE for row in outcomes]  # (D,) bool for each threshold",
            "counted = [row[row > IGNORED] == TRUE_POSITIVE for row in outcomes]  # (D,) bool for each threshold",
        ): NO_OUTCOME_BEYOND,
        (
            "curves[name] = Curve(hits[0] / count, precisions[0], scores[outcomes[0] != IGNORED])",
            "curves[name] = Curve(hits[0] / count, precisions[0], scores[outcomes[0] > IGNORED])",
        ): NO_OUTCOME_BEYOND,
    },
    "numpyssd/inference/detection_matching.py": {
        (
            "TRUE_POSITIVE, FALSE_POSITIVE, IGNORED = 1, 0, -1  # ignored: matched to an object that does not count",
            "TRUE_POSITIVE, FALSE_POSITIVE, IGNORED = 1, 0, - 2  # ignored: matched to an object that does not count",
        ): OUTCOME,
        (
            "TRUE_POSITIVE, FALSE_POSITIVE, IGNORED = 1, 0, -1  # ignored: matched to an object that does not count",
            "TRUE_POSITIVE, FALSE_POSITIVE, IGNORED = 1, 0, ~1  # ignored: matched to an object that does not count",
        ): OUTCOME,
        (
            "TRUE_POSITIVE, FALSE_POSITIVE, IGNORED = 1, 0, -1  # ignored: matched to an object that does not count",
            "TRUE_POSITIVE, FALSE_POSITIVE, IGNORED = 2, 0, -1  # ignored: matched to an object that does not count",
        ): OUTCOME,
        (
            "mine, theirs = ranked(labels, scores, label), np.flatnonzero(gt_labels == label)",
            "mine, theirs = ranked(labels, scores, label), np.atleast_1d(gt_labels == label)",
        ): MASK_AS_INDICES,
        (
            "outcomes[:, mine] = match_coco(own, hard[None], hard, thresholds)[0]",
            "outcomes[:, mine] = match_coco(own, hard[None], hard, thresholds)[ -1]",
        ): ONE_ONLY,
        (
            "outcomes[fits & difficult[nearest]] = IGNORED",
            "outcomes[fits * difficult[nearest]] = IGNORED",
        ): MASKS,
        (
            "claims = np.flatnonzero(fits & ~difficult[nearest])",
            "claims = np.flatnonzero(fits * ~difficult[nearest])",
        ): MASKS,
        (
            "fits = free & (overlaps[i] >= limits)  # (A, T, M)",
            "fits = free * (overlaps[i] >= limits)  # (A, T, M)",
        ): MASKS,
        (
            "counting = fits & ~ignored",
            "counting = fits * ~ignored",
        ): MASKS,
        (
            "chosen = len(crowd) - 1 - np.where(fits, overlaps[i], -1)[:, :, ::-1].argmax(axis=2)  # (A, T)",
            "chosen = len(crowd) - 1 - np.where(fits, overlaps[i], - 0)[:, :, ::-1].argmax(axis=2)  # (A, T)",
        ): NO_FIT,
        (
            "chosen = len(crowd) - 1 - np.where(fits, overlaps[i], -1)[:, :, ::-1].argmax(axis=2)  # (A, T)",
            "chosen = len(crowd) - 1 - np.where(fits, overlaps[i], - 2)[:, :, ::-1].argmax(axis=2)  # (A, T)",
        ): NO_FIT,
        (
            "chosen = len(crowd) - 1 - np.where(fits, overlaps[i], -1)[:, :, ::-1].argmax(axis=2)  # (A, T)",
            "chosen = len(crowd) - 1 - np.where(fits, overlaps[i], not 1)[:, :, ::-1].argmax(axis=2)  # (A, T)",
        ): NO_FIT,
        (
            "chosen = len(crowd) - 1 - np.where(fits, overlaps[i], -1)[:, :, ::-1].argmax(axis=2)  # (A, T)",
            "chosen = len(crowd) - 1 - np.where(fits, overlaps[i], ~1)[:, :, ::-1].argmax(axis=2)  # (A, T)",
        ): NO_FIT,
        (
            "outcomes[a, t, i] = np.where(ignored[a, 0, m], IGNORED, TRUE_POSITIVE)",
            "outcomes[a, t, i] = np.where(ignored[a, -1, m], IGNORED, TRUE_POSITIVE)",
        ): ONE_ONLY,
    },
    "numpyssd/inference/precision_recall.py": {
        (
            "return float(sum(precision[10 * hits >= i * count].max(initial=0.0) for i in range(11)) / 11)",
            "return float(sum(precision[10 * hits >= i * count].max(initial=0.0) for i in range( 12)) / 11)",
        ): "no recall reaches 1.1: the twelfth term is 0",
    },
}
EXPLAINED = {(path, *lines): why for path, reasons in _BY_FILE.items() for lines, why in reasons.items()}
