"""A batch that does not fit the memory is cut into parts (Caffe: iter_size)."""


def cut(images, images_at_once=None, loss_options=None):
    """Return slices of a batch: as few as have at most images_at_once images each, and as equal as can be.

    Raises ValueError if the options of the loss mine over the batch, which then cannot be cut.
    """
    count = -(-images // (images_at_once or images))
    if count > 1 and (loss_options or {}).get("scope") == "batch":
        raise ValueError("with scope 'batch' negatives are mined over the whole batch; leave out images_at_once")
    edges = [images * n // count for n in range(count + 1)]
    return [slice(first, last) for first, last in zip(edges, edges[1:])]
