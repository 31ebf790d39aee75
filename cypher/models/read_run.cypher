// One run, and the source weights that it learned.
// params:  tenant STRING, run STRING or NULL (NULL: the active one)
// returns: run STRING, version STRING or NULL, most_likers INTEGER or NULL, sizes LIST<INTEGER> or NULL (shortest
//          history of each bracket), followed LIST<FLOAT> or NULL, community LIST<FLOAT> or NULL, popularity LIST<FLOAT> or
//          NULL, next LIST<FLOAT>, FLOAT (of runs that had one for all) or NULL, fading FLOAT or NULL,
//          rarity LIST<FLOAT> or NULL; no row when there is none
// needs:   refresh/keep_blend
MATCH (run:Run {tenant: $tenant})
WHERE run.id = $run OR ($run IS NULL AND run.active)
RETURN
  run.id AS run,
  run.model_version AS version,
  run.most_likers AS most_likers,
  run.blend_sizes AS sizes,
  run.blend_followed AS followed,
  run.blend_community AS community,
  run.blend_popularity AS popularity,
  run.blend_next AS next,
  run.blend_rarity AS rarity,
  run.blend_fading AS fading
