"""What those like whom an identity follows, as edges of the run."""

from app.jobs.edges import write_edges
from app.jobs.run import Run
from app.taste.followed import Follows, find_followed_likes
from app.taste.values import Edges, Likes


def followed_likes(run: Run, likes: Likes, follows: Follows) -> Edges:
    """Edges from follower to product, bounded by the settings (``find_followed_likes``)."""
    settings = run.settings
    return find_followed_likes(likes, follows, at_least=settings.followed_at_least, most=settings.followed_per_identity)


async def write_followed(run: Run, likes: Likes, follows: Follows) -> int:
    """Write the run's FOLLOWED_LIKE edges; their number, 0 when nobody follows anybody."""
    found = followed_likes(run, likes, follows)
    with run.progress.step("Writing what is liked by those one follows", len(found), "edges") as step:
        return await write_edges(run, "refresh/write_followed", found, follows.followers, likes.products, step)
