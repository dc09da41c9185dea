"""The mutants that do the same as the original, and why: no test can tell them apart, and none should try."""

BOTH_NEVER = "the two masks are never both true"
MASKS = "for masks of bool, these are the same"
NOT_NEGATIVE = "the number is never negative"
ANY_NEGATIVE = "NumPy takes any negative number for what is left"
SPEED = "a matter of speed alone"

_BY_FILE = {
    "numpyssd/training/matching.py": {
        ("if overlaps.size == 0:", "if overlaps.size <= 0:"): NOT_NEGATIVE,
        (
            "joins = (best_iou >= iou_threshold) & (best_iou > LEAST_IOU)",
            "joins = (best_iou >= iou_threshold) * (best_iou > LEAST_IOU)",
        ): MASKS,
        (
            "partner = np.where(area(gt_boxes) > 0, overlaps.argmax(axis=1), -1)  # (M,)",
            "partner = np.where(area(gt_boxes) != 0, overlaps.argmax(axis=1), -1)  # (M,)",
        ): NOT_NEGATIVE,
        (
            "partner = np.where(area(gt_boxes) > 0, overlaps.argmax(axis=1), -1)  # (M,)",
            "partner = np.where(area(gt_boxes) > 0, overlaps.argmax(axis=1), - 2)  # (M,)",
        ): "of a negative partner only the sign is read",
        (
            "partner = np.where(area(gt_boxes) > 0, overlaps.argmax(axis=1), -1)  # (M,)",
            "partner = np.where(area(gt_boxes) > 0, overlaps.argmax(axis=1), ~1)  # (M,)",
        ): "of a negative partner only the sign is read",
        ('elif rule == "argmax":', 'elif rule <= "argmax":'): "no rule comes before it in the alphabet",
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
        ): "there is one only: the first is the last",
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
}
EXPLAINED = {(path, *lines): why for path, reasons in _BY_FILE.items() for lines, why in reasons.items()}
