// Whom identities follow of those that a run learns from. The follower, too, lets itself be learned from, but need not
// like anything yet. Whoever may be of one person or home with the follower is left out: a family must not be learned
// from more than strangers.
// params:  tenant STRING, run STRING, now ZONED DATETIME, min_confidence FLOAT
// returns: follower STRING, followed_ids LIST<STRING>; one row a follower, by id
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (run:Run {tenant: $tenant, id: $run})
MATCH (i:Identity {tenant: $tenant})
WHERE
  EXISTS { (i)-[:FOLLOWS]->() }
  AND COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'model_training'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
MATCH (i)-[f:FOLLOWS]->(other:Identity)
WHERE
  f.first_seen <= $now
  AND coalesce(f.valid_until > $now, true)
  AND coalesce(f.confidence, 1.0) >= $min_confidence
  AND i <> other
WITH DISTINCT run, i, other
WHERE
  EXISTS { (run)-[:LEARNED_FROM]->(other) }
  AND NOT EXISTS {
    MATCH (i)<-[:HAS_IDENTITY|USED_BY]-(mine), (other)<-[:HAS_IDENTITY|USED_BY]-(theirs)
    WHERE mine = theirs OR EXISTS { (mine)-[:LIVES_IN|BELONGS_TO]->(:Household)<-[:LIVES_IN|BELONGS_TO]-(theirs) }
  }
  AND NOT EXISTS { (i)-[:KNOWN_BY]->(:Identifier)<-[:KNOWN_BY]-(other) }
WITH i.id AS follower, other.id AS followed
ORDER BY follower, followed
RETURN follower, collect(followed) AS followed_ids
ORDER BY follower
