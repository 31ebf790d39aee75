"""Products compared by GDS: the weighted cosine as arithmetic has it."""

import numpy as np

from app.jobs.similarity import compare
from app.taste.values import Edges, Floats, Likes
from tests.graph.shop import Shop
from tests.graph.test_leiden import run_of


def some_likes(seed: int, identities: int = 40, products: int = 12) -> Likes:
    rng = np.random.default_rng(seed)
    source, target = np.nonzero(rng.random((identities, products)) < 0.3)
    ids = tuple(
        tuple(f"{kind}{place:02}" for place in range(count)) for kind, count in (("i", identities), ("p", products))
    )
    return Likes(ids[0], ids[1], Edges(source, target, rng.uniform(0.2, 2.0, len(source))))


async def write_norms(shop: Shop, likes: Likes, unweighed: int) -> Floats:
    """As refresh/score_products leaves them; one product is liked only since."""
    norms = np.sqrt((likes.matrix.toarray() ** 2).sum(axis=0))
    await shop.offers(*likes.products)
    await shop.query(
        "UNWIND range(0, size($ids) - 1) AS place MATCH (p:Product {tenant: $tenant, id: $ids[place]}) "
        "WHERE place <> $unweighed SET p.likers = $likers[place], p.evidence_norm = $norms[place]",
        ids=list(likes.products),
        likers=likes.likers.tolist(),
        norms=norms.tolist(),
        unweighed=unweighed,
    )
    return norms


async def test_products_are_compared_as_arithmetic_does(shop: Shop) -> None:
    likes, unweighed = some_likes(1), 5
    norms = await write_norms(shop, likes, unweighed)
    settings = shop.settings.model_copy(update={"similar_shrinkage": 5.0, "similar_min_likers": 3})
    shop.settings = settings
    found = (await compare(run_of(shop), likes)).matrix(12, 12).toarray()

    liked = likes.matrix.toarray()
    evidence = np.outer(norms, norms)
    wanted = liked.T @ liked / (evidence + settings.similar_shrinkage)
    likers = likes.likers.astype(float)
    wanted *= np.outer(likers**-settings.similar_damp_from, likers**-settings.similar_damp_to)
    np.fill_diagonal(wanted, 0)
    left_out = (likes.likers < 3) | (np.arange(12) == unweighed)
    wanted[left_out], wanted[:, left_out] = 0, 0
    assert np.allclose(found, wanted, atol=1e-9)
    assert found.any()


async def test_the_best_of_each_are_kept_and_come_sorted(shop: Shop) -> None:
    likes = some_likes(2)
    await write_norms(shop, likes, -1)
    whole = (await compare(run_of(shop), likes)).matrix(12, 12).toarray()
    shop.settings = shop.settings.model_copy(update={"similar_per_product": 3})
    found = await compare(run_of(shop), likes)

    assert np.bincount(found.source).max() == 3
    assert [*zip(found.source, found.target, strict=True)] == sorted(zip(found.source, found.target, strict=True))
    assert set(found.weight) < set(whole.ravel())


async def test_where_nobody_likes_anything_nothing_is_alike(shop: Shop) -> None:
    none = np.zeros(0, dtype=np.int64)

    assert len(await compare(run_of(shop), Likes((), ("p",), Edges(none, none, np.zeros(0))))) == 0
