"""What those like whom an identity follows, as edges of the run."""

from app.jobs.edges import write_edges
from app.jobs.run import Run
from app.taste.peers import Follows, find_peer_likes
from app.taste.values import Edges, Likes


def peer_likes(run: Run, likes: Likes, follows: Follows) -> Edges:
    """Edges from follower to product, bounded by the settings (``find_peer_likes``)."""
    settings = run.settings
    return find_peer_likes(likes, follows, at_least=settings.peers_at_least, most=settings.peers_per_identity)


async def write_peers(run: Run, likes: Likes, follows: Follows) -> int:
    """Write the run's PEERS_LIKE edges; their number, 0 when nobody follows anybody."""
    found = peer_likes(run, likes, follows)
    with run.progress.step("Writing what is liked by those one follows", len(found), "edges") as step:
        return await write_edges(run, "refresh/write_peers", found, follows.followers, likes.products, step)
