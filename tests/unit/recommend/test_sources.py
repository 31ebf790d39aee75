"""What every source promises, whatever it goes by; one class a source inherits it all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from app.domain.recommendation import Shelf
from app.graph.models import with_parents
from app.recommend.model import NOWHERE, Rows, rows_of
from app.recommend.pipeline import draft
from app.recommend.query import Scored, Seen
from app.recommend.sources import SOURCES
from app.recommend.sources.base import Scores, ScoringSource
from app.recommend.sources.community import Community
from app.recommend.sources.context import Page, Session
from app.recommend.sources.followed import Followed
from app.recommend.sources.introduced import score_introduced
from app.recommend.sources.next_to import NextTo
from app.recommend.sources.popular import score_popular
from app.recommend.sources.repeat import score_repeats
from app.recommend.sources.similar import Similar
from app.recommend.tuning import Tuning
from tests.unit.recommend.shop import DAY, NOW_MS, PRODUCTS, a_model, a_query, an_ask, empty_model, full_query, likes


def scored(scores: Scores) -> dict[str, float]:
    found: dict[str, float] = {}
    products: list[int] = scores.products.tolist()
    for product, value in zip(products, scores.values.tolist(), strict=True):
        found[PRODUCTS[product]] = found.get(PRODUCTS[product], 0.0) + value
    return found


class SourceContract:
    """Holds for every source."""

    source: ScoringSource
    expected: Mapping[str, float]
    """What it scores for ``full_query``."""

    def test_it_scores_what_a_person_would_work_out(self) -> None:
        assert scored(self.source.score(an_ask(full_query()))) == pytest.approx(self.expected, rel=1e-6)

    def test_it_is_in_the_list_that_serves(self) -> None:
        assert type(self.source) in {type(one) for one in SOURCES}

    def test_scores_are_numbers_above_0_of_products_that_there_are(self) -> None:
        scores = self.source.score(an_ask(full_query()))

        assert np.isfinite(scores.values).all()
        assert (scores.values > 0).all()
        assert ((scores.products >= 0) & (scores.products < len(PRODUCTS))).all()

    def test_each_entry_is_of_a_seed_and_seeds_are_named_only_for_an_explanation(self) -> None:
        plain, explained = (self.source.score(an_ask(full_query(explain=explain))) for explain in (False, True))

        assert plain.lengths.sum() == len(plain) == len(explained)
        assert plain.seeds == ()
        assert len(explained.seeds) == len(explained.lengths)
        assert {seed.kind for seed in explained.seeds} <= set(self.source.kinds)
        assert scored(plain) == scored(explained)

    def test_with_nothing_to_go_by_it_says_nothing(self) -> None:
        assert len(self.source.score(an_ask(a_query()))) == 0

    def test_a_run_that_learned_nothing_has_no_candidates(self) -> None:
        assert len(self.source.score(an_ask(full_query(), empty_model()))) == 0

    def test_what_came_after_the_run_is_passed_over(self) -> None:
        unknown = a_query(
            likes("new-1"), followed=Scored(("new-2",), (1.0,)), session=Seen(("new-3",), (False,)),
            page=("new-4",), page_size=1, explain=True,
        )  # fmt: skip
        assert len(self.source.score(an_ask(unknown))) == 0

    def test_asking_changes_nothing_and_gives_the_same_again(self) -> None:
        ask = an_ask(full_query())
        for field in fields(ask.model):
            value = getattr(ask.model, field.name)
            for array in (value.starts, value.targets, value.weights) if isinstance(value, Rows) else (value,):
                if isinstance(array, np.ndarray):
                    array.flags.writeable = False

        assert scored(self.source.score(ask)) == scored(self.source.score(ask))

    def test_the_order_in_which_a_history_is_read_says_nothing(self) -> None:
        query = full_query()
        turned = replace(query, history=(likes("cup", "milk", "tea"),))

        assert scored(self.source.score(an_ask(turned))) == pytest.approx(scored(self.source.score(an_ask(query))))

    def test_it_is_silent_when_it_was_not_asked_for(self) -> None:
        others = frozenset({"repeat", "popular"})
        drawn = draft(full_query(sources=others), a_model(), Tuning())

        assert self.source.kinds[0] not in {block.kind for block in drawn.blocks} - {"context"}


class TestSimilar(SourceContract):
    source = Similar()
    expected: Mapping[str, float] = {"cup": 0.4 / 3, "pot": 0.2 / 3, "tea": 0.5 / 3}


@pytest.mark.parametrize("shelf", ["for_you", "mixed"])
def test_a_shelf_prefers_what_fewer_like_and_a_ranking_what_is_likeliest(shelf: Shelf) -> None:
    """The most liked product has 9 likers; how much rarity counts was learned: its root."""
    model = a_model(rarity_weight=np.full(2, 0.5))
    likers = dict(zip(PRODUCTS, model.likers.tolist(), strict=True))
    rarity = {one: 1.1 / (count / 9 + 0.1) for one, count in likers.items()}
    ranking, own = (draft(full_query(shelf=one, explain=True), model, Tuning()) for one in ("ranking", shelf))

    likeliest = dict(zip(ranking.near.places.tolist(), ranking.near.scores.tolist(), strict=True))
    for entry, (place, score) in enumerate(zip(own.near.places.tolist(), own.near.scores.tolist(), strict=True)):
        assert score == pytest.approx(likeliest[place] * rarity[PRODUCTS[place]] ** 0.5, rel=1e-6)
        parts = own.contributions(np.asarray([entry])).parts[0]
        assert sum(part for _, part in parts) + own.popularity[entry] == pytest.approx(score, rel=1e-6)
    assert len(own.near) == len(ranking.near) > 1
    for one in own.repeats.places.tolist():
        before, after = (float(each.repeats.scores[each.repeats.places == one][0]) for each in (ranking, own))
        assert after == pytest.approx(before * rarity[PRODUCTS[one]] ** 0.5, rel=1e-6)


class TestNextTo(SourceContract):
    source = NextTo()
    expected: Mapping[str, float] = {"milk": 0.3 / 3, "pot": 0.6 / 3}

    def test_the_newest_like_leads_on_most(self) -> None:
        bought = likes("tea", "cup", at_ms=np.asarray([full_query().now_ms - 9 * DAY, full_query().now_ms - 1.0 * DAY]))
        found = scored(self.source.score(an_ask(a_query(bought), a_model(fading=0.8), Tuning(decay_days=1e9))))

        assert found == pytest.approx({"milk": 0.3 * 0.8 / 1.8, "pot": 0.6 / 1.8})

    def test_a_run_that_found_no_use_of_it_does_not_ask_it(self) -> None:
        kinds = [
            {block.kind for block in draft(full_query(), a_model(next_weight=np.full(2, weight)), Tuning()).blocks}
            for weight in (0.0, 0.5)
        ]

        assert [("next" in one) for one in kinds] == [False, True]


class TestSession(SourceContract):
    source = Session()
    expected: Mapping[str, float] = {"nails": 0.8}

    def test_the_own_latest_likes_count_as_this_session(self) -> None:
        now = likes("tea", at_ms=np.asarray([full_query().now_ms - 60_000.0]))

        assert scored(self.source.score(an_ask(a_query(now)))) == pytest.approx({"cup": 0.4, "pot": 0.2})


class TestPage(SourceContract):
    source = Page()
    expected: Mapping[str, float] = {"tea": 0.5}

    def test_it_is_for_everybody_whatever_is_asked(self) -> None:
        assert "context" in {block.kind for block in draft(full_query(sources=frozenset()), a_model(), Tuning()).blocks}

    def test_what_the_shop_has_not_counts_as_silent(self) -> None:
        assert scored(self.source.score(an_ask(full_query(page_size=2)))) == {"tea": 0.25}


class TestFollowed(SourceContract):
    source = Followed()
    expected: Mapping[str, float] = {"nails": 2.0}


class TestCommunity(SourceContract):
    source = Community()
    expected: Mapping[str, float] = {"cup": 2 / 3 - 0.085, "pot": 2 * (2 / 3 - 0.085)}

    def test_who_likes_nothing_is_near_to_what_it_looks_at_and_belongs_nowhere(self) -> None:
        looking = full_query(history=())

        scores = self.source.score(an_ask(looking))

        assert scored(scores) == {"cup": 0.5, "nails": 0.5, "pot": 1.0}
        assert {(seed.id, seed.title, seed.kind) for seed in scores.seeds} == {("", "", "likely")}

    def test_what_everybody_likes_says_nothing_of_who_likes_a_little_of_something_else(self) -> None:
        """Two thirds are at home where the crowd has seven tenths; the rest is all that is one's own."""
        crowd = a_model(baseline_share=np.asarray([0.8, 0.05], np.float32))
        everybody = a_model(baseline_share=np.asarray([0.79, 0.4], np.float32))
        query = a_query(likes("tea", "milk", "hammer"))

        assert scored(self.source.score(an_ask(query, crowd))).keys() == {"nails"}
        assert len(self.source.score(an_ask(query, everybody))) == 0

    def test_one_may_be_imagined_away(self) -> None:
        assert len(self.source.score(an_ask(full_query(without_community="c1")))) == 0


def test_every_source_that_serves_keeps_the_contract() -> None:
    tried = {type(one.source) for one in SourceContract.__subclasses__()}

    assert tried == {type(source) for source in SOURCES}


def turns(own_id: str = "ann", day: int = 0, likers: int = 0) -> list[str]:
    """New products in the order of their turns for who likes tea, of forty of its kind that so many like."""
    products = ("tea", *(f"new-{place:02}" for place in range(40)))
    nothing = rows_of(0, np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    model = a_model(
        products=products, likers=np.asarray([9] + [likers] * 40, np.float32), full_price=np.ones(41, np.float32),
        groups=np.arange(41, dtype=np.int32),
        similar=rows_of(41, np.zeros(0, int), np.zeros(0, int), np.zeros(0)), homes=np.full(41, -1, np.int32),
        repeat_share=np.zeros(41, np.float32), repeat_days=np.zeros(41, np.float32), favourites=nothing, communities=(),
        community_labels=(), baseline_share=np.zeros(0, np.float32),
        in_genre=rows_of(41, np.arange(41), np.zeros(41, int), np.ones(41)),
    )  # fmt: skip
    query = a_query(likes("tea", identity_id=own_id), own_id=own_id, now_ms=NOW_MS + day * DAY)
    places, scores, genres = score_introduced(an_ask(query, model))
    assert set(genres.tolist()) <= {0}
    return [products[place] for place in places[np.argsort(-scores)].tolist()]


def test_new_products_have_their_turns_and_keep_them_for_a_day() -> None:
    assert sorted(turns()) == [f"new-{place:02}" for place in range(40)]
    assert turns() == turns()
    assert turns("ben") != turns()
    assert turns(day=1) != turns()
    assert turns(likers=5) == []


def test_to_who_likes_nothing_yet_the_page_or_the_crowd_says_what_is_introduced() -> None:
    for page, expected in ((("hammer",), {"hammer", "nails"}), ((), {"cup", "hammer", "nails", "pot"})):
        places, _, genres = score_introduced(an_ask(a_query(page=page, page_size=len(page))))
        assert {PRODUCTS[place] for place in places.tolist()} == expected
        assert set(genres.tolist()) == {NOWHERE}
    assert len(score_introduced(an_ask(a_query(), empty_model()))[0]) == 0


def test_sooner_or_later_every_new_product_is_shown_to_somebody() -> None:
    first = Counter(turns(f"reader-{one}")[0] for one in range(400))

    assert len(first) == 40
    assert max(first.values()) < 40


def test_popular_goes_on_behind_the_lists_with_all_that_anybody_likes() -> None:
    places, scores, names = score_popular(an_ask(a_query(), a_model(likers=np.asarray([4, 2, 9, 0, 3, 5], np.float32))))
    best: list[int] = places[np.argsort(-scores)].tolist()
    found = [PRODUCTS[place] for place in best]

    assert found == ["milk", "tea", "cup", "pot", "hammer"]  # the lists hold the first two; nobody likes nails
    assert len(names) == len(places)


REPEATED: dict[str, Any] = {"bought_ms": np.full(1, NOW_MS - 20.0 * DAY), "days": np.ones(1, np.int64)}


def repeated(id_: str, shelf: Shelf = "mixed", **given: Any) -> bool:
    own = likes(id_, **{**REPEATED, **given})
    return len(score_repeats(an_ask(a_query(own, shelf=shelf), a_model(repeat_share=SHARES)))[0]) == 1


SHARES = np.asarray([0, 0, 0.6, 0, 0.3, 0.1], np.float32)


def test_one_day_is_evidence_where_most_buy_it_again_and_two_where_enough_do() -> None:
    two_days: dict[str, Any] = {"days": np.full(1, 2)}

    assert [repeated(id_) for id_ in ("milk", "pot", "tea")] == [True, False, False]
    assert [repeated(id_, **two_days) for id_ in ("milk", "pot", "tea")] == [True, True, False]
    assert [repeated(id_, "ranking") for id_ in ("milk", "pot", "tea")] == [True, True, False]


def test_an_interval_of_ones_own_is_evidence_until_it_lapses() -> None:
    for interval, expected in ((14.0, True), (6.0, False), (0.0, False)):
        assert repeated("nails", days=np.full(1, 9), interval_days=np.full(1, interval)) == expected


def test_on_the_page_of_a_category_its_own_come_first_then_those_around_it_then_the_shops() -> None:
    path = "tag category:home > kitchen > pans"
    model = a_model(
        anchors=("", "tag category:home", "tag category:home > kitchen", path),
        anchor_names=("", "Home", "Home > Kitchen", "Home > Kitchen > Pans"),
        popular=rows_of(
            4,
            np.asarray([0, 1, 1, 1, 2, 2, 3]),
            np.asarray([PRODUCTS.index(one) for one in ("milk", "tea", "cup", "pot", "tea", "cup", "tea")]),
            np.asarray([9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]),
        ),
    )
    places, scores, names = score_popular(an_ask(a_query(anchors=(path,)), model))
    best: list[int] = np.argsort(-scores)[:4].tolist()
    assert [(PRODUCTS[places[one]], names[one]) for one in best] == [
        ("tea", "Home > Kitchen > Pans"),
        ("cup", "Home > Kitchen"),
        ("pot", "Home"),
        ("milk", ""),
    ]
    # Where nothing at all is bought in it, it is the next one above.
    places, scores, _ = score_popular(an_ask(a_query(anchors=("tag category:home > kitchen > lids",)), model))
    assert {PRODUCTS[places[one]] for one in np.argsort(-scores)[:2].tolist()} == {"tea", "cup"}


def test_what_few_buy_of_the_pages_category_comes_before_what_the_whole_shop_buys() -> None:
    """By counts alone bananas came before all cheese on the page of a cheese."""
    cheese = "tag category:cheese"
    model = a_model(
        anchors=("", cheese),
        anchor_names=("", "Cheese"),
        popular=rows_of(2, np.asarray([0, 0, 1, 1]), np.asarray([1, 2, 3, 4]), np.asarray([350.0, 240.0, 9.0, 3.0])),
    )
    places, scores, _ = score_popular(an_ask(a_query(anchors=(cheese,)), model))

    assert places[np.argsort(-scores)[:4]].tolist() == [3, 4, 1, 2]


def test_below_the_lists_of_categories_stand_in_those_above() -> None:
    def row(anchor: str, name: str | None, **scores: float) -> dict[str, Any]:
        return {"anchor": anchor, "name": name, "product_ids": list(scores), "scores": list(scores.values())}

    pans, lids = "tag category:home > kitchen > pans", "tag category:home > kitchen > lids"
    joined = with_parents(
        [
            row("", None, a=9.0, b=8.0, c=1.0),
            row("brand steel", "Steel", a=9.0),
            row(lids, "Home > Kitchen > Lids", c=1.0, d=0.5),
            row(pans, "Home > Kitchen > Pans", a=9.0, b=8.0),
            row("tag category:home > kitchen", "Home > Kitchen", e=8.5),
            row("tag mood: > a > b", " > A > B", a=9.0),
        ]
    )
    found = {one["anchor"]: (one["name"], dict(zip(one["product_ids"], one["scores"], strict=True))) for one in joined}

    assert found[pans] == ("Home > Kitchen > Pans", {"a": 9.0, "b": 8.0})
    assert found["tag category:home > kitchen"] == ("Home > Kitchen", {"a": 9.0, "e": 8.5, "b": 8.0})
    assert found["tag category:home"] == ("Home", {"a": 9.0, "e": 8.5, "b": 8.0})
    assert list(found) == sorted(found)
    assert len(found) == 7
