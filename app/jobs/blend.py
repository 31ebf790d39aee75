"""Learns how loudly each source speaks: hides likes, learns from the rest, looks what finds them."""

import asyncio

import numpy as np

from app.jobs.communities import find_homes
from app.jobs.leiden import SEED
from app.jobs.peers import peer_likes
from app.jobs.run import Run
from app.jobs.similarity import ridge_rules
from app.taste.blend import Blend, hold_out, learn_blend
from app.taste.candidates import Voices
from app.taste.communities import find_favours, find_members
from app.taste.peers import Follows, of_identities
from app.taste.ridge import fit_similar
from app.taste.values import Edges, Likes, Tagging, part_nearest


async def write_blend(run: Run, likes: Likes, tagging: Tagging, follows: Follows) -> Blend:
    """Learn the run's blend and keep it on the Run; only similar products speak where nothing can be hidden."""
    held = hold_out(likes, SEED, most=run.settings.blend_identities)
    blend = Blend()
    if held.wanted:
        voices = await _listen(run, held.known, tagging, follows)
        with run.progress.step("Learning how loudly each source speaks"):
            blend = await asyncio.to_thread(learn_blend, held, voices, SEED)
    await run.db.run_long(
        "refresh/keep_blend",
        tenant=run.tenant,
        run=run.id,
        sizes=list(blend.sizes),
        peers=list(blend.peers),
        community=list(blend.community),
        popularity=list(blend.popularity),
        ndcg=list(blend.ndcg),
        most_likers=int(likes.likers.max(initial=1)),
    )
    return blend


async def _listen(run: Run, known: Likes, tagging: Tagging, follows: Follows) -> Voices:
    """Derive all voices from the known likes alone."""
    settings, products = run.settings, len(known.products)
    peers = of_identities(peer_likes(run, known, follows), follows.followers, known.identities)
    similar = await _learn_in_part(run, known, tagging)
    nearest, further = part_nearest(similar, settings.similar_nearest_share)
    homes, _ = await find_homes(run, known, similar)
    communities = int(homes.max(initial=-1)) + 1
    favours = find_favours(
        known,
        find_members(known, homes).edges,
        communities,
        gamma=settings.community_gamma,
        most=settings.favours_per_community,
    )
    return Voices(
        nearest=nearest.matrix(products, products),
        further=further.matrix(products, products),
        heard=settings.history_size,
        far_reaching=settings.far_reaching_likes,
        peers=peers.matrix(len(known.identities), products),
        homes=homes.astype(np.int64),
        favours=favours.matrix(max(1, communities), products),
    )


async def _learn_in_part(run: Run, known: Likes, tagging: Tagging) -> Edges:
    """Similar products as the known likes alone have them; the least liked of a huge catalogue are left out."""
    rules = ridge_rules(run.settings)
    speakers = min(rules.speakers, len(known.products))
    with run.progress.step("Learning from a part, to test on the rest", speakers, "products") as step:
        return await asyncio.to_thread(fit_similar, known, tagging, rules, step.advance, of_speakers_only=True)
