"""Learns how much each source counts: hides likes, learns from the rest, looks what finds them."""

import asyncio

import numpy as np

from app.jobs.communities import find_homes
from app.jobs.followed import followed_likes
from app.jobs.leiden import SEED
from app.jobs.order import learn_next
from app.jobs.run import Run
from app.jobs.similarity import ridge_rules
from app.recommend.hold_out import hold_out
from app.recommend.learn_weights import Blend, learn_weights
from app.recommend.model import RunModel, rows_of
from app.recommend.tuning import Tuning
from app.taste.communities import find_favours, find_members
from app.taste.followed import Follows, of_identities
from app.taste.ridge import fit_similar
from app.taste.values import Edges, Floats, Ints, Likes, Tagging


async def write_blend(run: Run, likes: Likes, tagging: Tagging, follows: Follows) -> Blend:
    """Learn the run's source weights and keep them on the Run; only history counts where nothing can be hidden."""
    held = hold_out(likes, SEED, most=run.settings.blend_identities)
    blend = Blend()
    if held.wanted:
        model, followed = await _learn(run, held.known, tagging, follows)
        with run.progress.step("Learning how much each source counts"):
            blend = await asyncio.to_thread(learn_weights, held, model, followed, Tuning.of(run.settings), SEED)
    await run.db.run_long(
        "refresh/keep_blend",
        tenant=run.tenant,
        run=run.id,
        sizes=list(blend.sizes),
        followed=list(blend.followed),
        community=list(blend.community),
        popularity=list(blend.popularity),
        next=list(blend.next),
        rarity=list(blend.rarity),
        fading=blend.fading,
        ndcg=list(blend.ndcg),
        most_likers=int(likes.likers.max(initial=1)),
    )
    return blend


async def _learn(run: Run, known: Likes, tagging: Tagging, follows: Follows) -> tuple[RunModel, Edges]:
    """The model of the known likes alone, and what those like whom each identity follows."""
    followed = of_identities(followed_likes(run, known, follows), follows.followers, known.identities)
    similar = await _learn_in_part(run, known.lasting, tagging)
    homes, _ = await find_homes(run, known, similar)
    members = find_members(known, homes)
    favourites = find_favours(
        known,
        members.edges,
        len(members.usual),
        gamma=run.settings.community_gamma,
        most=run.settings.favours_per_community,
    )
    return _model(run, known, similar, homes, favourites, members.usual), followed


def _model(run: Run, known: Likes, similar: Edges, homes: Ints, favourites: Edges, usual: Floats) -> RunModel:
    """As far as the sources whose weights are learned look at it; ``usual`` is the crowd's share by community."""
    communities = len(usual)
    following = learn_next(known)
    products, nobody = len(known.products), np.zeros(0, dtype=np.int64)
    nothing = rows_of(0, nobody, nobody, np.zeros(0))
    return RunModel(
        run=run.id,
        version="",
        products=known.products,
        likers=known.likers.astype(np.float32),
        full_price=np.ones(products, np.float32),
        groups=np.arange(products, dtype=np.int32),
        most_likers=int(known.likers.max(initial=1)),
        similar=rows_of(products, similar.source, similar.target, similar.weight),
        next=rows_of(products, following.source, following.target, following.weight),
        repeat_share=np.zeros(products, np.float32),
        repeat_days=np.zeros(products, np.float32),
        communities=tuple(str(one) for one in range(communities)),
        community_labels=("",) * communities,
        baseline_share=usual.astype(np.float32),
        homes=homes.astype(np.int32),
        favourites=rows_of(communities, favourites.source, favourites.target, favourites.weight),
        genres=(),
        genre_labels=(),
        in_genre=nothing,
        anchors=(),
        anchor_names=(),
        popular=nothing,
        brackets=np.ones(1, np.int64),
        followed_weight=np.zeros(1),
        community_weight=np.zeros(1),
        popularity_weight=np.zeros(1),
        next_weight=np.zeros(1),
        rarity_weight=np.zeros(1),
        fading=1.0,
    )


async def _learn_in_part(run: Run, known: Likes, tagging: Tagging) -> Edges:
    """Similar products as the known likes alone have them; the least liked of a huge catalogue are left out."""
    rules = ridge_rules(run.settings)
    speakers = min(rules.speakers, len(known.products))
    with run.progress.step("Learning from a part, to test on the rest", speakers, "products") as step:
        return await asyncio.to_thread(fit_similar, known, tagging, rules, step.advance, of_speakers_only=True)
