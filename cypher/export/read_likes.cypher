// A page of what an identity likes, as it is kept.
// params:  tenant STRING, identity_id STRING, after STRING (the last id of the page before; '' at first), limit INTEGER
// returns: id STRING (of the product), weight FLOAT (as of last_at; below 0 where it is not liked), full_price_weight FLOAT (alike), count INTEGER,
//          purchases INTEGER, last_at_ms INTEGER, first_bought_ms INTEGER or NULL, last_bought_ms INTEGER or NULL,
//          bought_days LIST<INTEGER> (since 1970); by id
// needs:   nothing
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[l:LIKES|DISLIKES]->(p:Product)
WHERE p.id > $after
RETURN
  p.id AS id,
  l.weight AS weight,
  coalesce(l.full_price_weight, l.weight) AS full_price_weight,
  l.count AS count,
  l.purchases AS purchases,
  l.last_at.epochMillis AS last_at_ms,
  l.first_bought_at.epochMillis AS first_bought_ms,
  l.last_bought_at.epochMillis AS last_bought_ms,
  coalesce(l.bought_days, []) AS bought_days
ORDER BY id
LIMIT $limit
