// Members of a community of the active run: those that it learned from and may still be learned from, who bought, most
// or for most first. Nobody where fewer than k of them count in figures.
// params:  tenant STRING, id STRING, by STRING ('activity': purchases, 'value': spend), k INTEGER, limit INTEGER 1..100,
//          now ZONED DATETIME
// returns: run STRING, too_few BOOLEAN, identity_ids LIST<STRING> (best first); one row, none when there is no such
//          community
// needs:   MEMBER_OF of the run; purchases and spend on LEARNED_FROM, written by portraits/write_deeds
MATCH (run:Run {tenant: $tenant, active: true})
MATCH (home:TasteCommunity {tenant: $tenant, run: run.id})
WHERE home.community = $id
CALL (run, home) {
  MATCH (run)-[learned:LEARNED_FROM]->(i:Identity)-[m:MEMBER_OF]->(home)
  WHERE
    m.run = run.id AND
    COLLECT {
      MATCH (i)-[:GAVE]->(c:Consent {purpose: 'model_training'})
      WHERE c.at <= $now OR c.status <> 'granted'
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.counts_from DESC, live
      LIMIT 1
    } = [true]
  WITH i.id AS id, learned.counts AS counts, coalesce(CASE $by WHEN 'value' THEN learned.spend ELSE learned.purchases END, 0) AS deeds
  ORDER BY deeds DESC, id
  RETURN count(CASE WHEN counts THEN 1 END) AS members, collect(CASE WHEN deeds > 0 THEN id END) AS ids
}
RETURN
  run.id AS run,
  members < $k AS too_few,
  CASE WHEN members < $k THEN [] ELSE ids[..$limit] END AS identity_ids
LIMIT 1
