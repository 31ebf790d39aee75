// Keep on the run how loudly each source speaks, by length of history.
// params:  tenant STRING, run STRING, sizes LIST<INTEGER> (shortest history of each bracket, ascending), followed LIST<FLOAT>,
//          community LIST<FLOAT>, popularity LIST<FLOAT>, ndcg LIST<FLOAT>, next LIST<FLOAT> (of what comes next), fading FLOAT (what is left of a like
//          for each later visit), rarity LIST<FLOAT> (how much it counts on a shelf), most_likers INTEGER
// returns: nothing
// needs:   the Run
// again:   sets the same
MATCH (run:Run {tenant: $tenant, id: $run})
SET
  run.blend_sizes = $sizes,
  run.blend_followed = $followed,
  run.blend_community = $community,
  run.blend_popularity = $popularity,
  run.blend_ndcg = $ndcg,
  run.blend_next = $next,
  run.blend_rarity = $rarity,
  run.blend_fading = $fading,
  run.most_likers = $most_likers
