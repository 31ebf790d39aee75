"""Which products are one to a customer: those of a group, and those of one title, brand and category."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from app.recommend.model import Places


def group_products(keys: Sequence[Sequence[str]]) -> Places:
    """Number the groups of products by their keys: whoever shares a key, directly or through others, is of one.

    One entry a product; ``keys`` are those of ``app.domain.recommendation.variant_keys``.
    """
    number: dict[str, int] = {}
    products = np.repeat(np.arange(len(keys)), [len(one) for one in keys])
    shared = np.asarray([number.setdefault(key, len(number)) for one in keys for key in one], dtype=np.int64)
    nodes = len(keys) + len(number)
    links = csr_array((np.ones(len(products), np.int8), (products, len(keys) + shared)), shape=(nodes, nodes))
    _, labels = connected_components(links, directed=False)
    _, groups = np.unique(labels[: len(keys)], return_inverse=True)
    return groups.astype(np.int32)
