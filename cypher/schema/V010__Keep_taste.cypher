// What a run finds: communities and microgenres, a node a run.
CREATE CONSTRAINT taste_community_key IF NOT EXISTS FOR (n:TasteCommunity) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT micro_genre_key IF NOT EXISTS FOR (n:MicroGenre) REQUIRE (n.tenant, n.id) IS UNIQUE;
