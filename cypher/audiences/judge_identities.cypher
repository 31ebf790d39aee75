// A page of the identities that may be contacted through a channel, and what the conditions of a filter look at: of each
// its own data only, over no link.
// params:  tenant STRING, run STRING or NULL, first STRING, last STRING or NULL (ids, both included), limit INTEGER, now
//          ZONED DATETIME, purpose STRING (the channel's), address STRING or NULL (what it must be reachable by), bouncing
//          LIST<STRING> (channels of that address), arrived_before ZONED DATETIME (whom a public key brought later does not
//          count yet), communities LIST<STRING>, genre_products LIST<STRING>, brand_products LIST<STRING>, niches LIST<MAP>
//          (community, product_ids LIST<STRING>)
// returns: id STRING, counts BOOLEAN, in_communities BOOLEAN, in_microgenres BOOLEAN, in_brands BOOLEAN, in_niches BOOLEAN,
//          price_sensitivity FLOAT or NULL, last_bought_ms INTEGER or NULL, purchases INTEGER; by id
// needs:   LIKES kept by ingest/; MEMBER_OF and LEARNED_FROM of the run
MATCH (i:Identity {tenant: $tenant})
WHERE
  i.id >= $first
  AND ($last IS NULL OR i.id <= $last)
  AND i.kind <> 'anonymous'
  AND COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: $purpose})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
  AND (
    $address IS NULL
    OR $address IN coalesce(i.reachable, [])
    AND NOT EXISTS {
      MATCH (i)-[:DID]->(x:Interaction)
      WHERE x.type = 'bounced' AND x.at > i.reachable_at AND x.channel IN $bouncing
    }
  )
WITH i
ORDER BY i.id
LIMIT $limit
CALL (i) {
  MATCH (i)-[l:LIKES]->(p:Product)
  WHERE l.purchases > 0
  RETURN
    max(l.last_bought_at.epochMillis) AS last_bought_ms,
    sum(l.purchases) AS purchases,
    collect(p.id) AS bought
}
CALL (i) {
  MATCH (i)-[m:MEMBER_OF]->(home:TasteCommunity)
  WHERE m.run = $run
  RETURN collect(home.community) AS homes
}
CALL (i) {
  MATCH (:Run {tenant: $tenant, id: $run})-[learned:LEARNED_FROM]->(i)
  WHERE learned.price_n > 0
  RETURN max(learned.price_sensitivity) AS price_sensitivity
}
RETURN
  i.id AS id,
  coalesce(i.public_since <= $arrived_before, true) AS counts,
  any(home IN homes WHERE home IN $communities) AS in_communities,
  any(id IN bought WHERE id IN $genre_products) AS in_microgenres,
  any(id IN bought WHERE id IN $brand_products) AS in_brands,
  any(niche IN $niches WHERE niche.community IN homes AND none(id IN bought WHERE id IN niche.product_ids)) AS in_niches,
  price_sensitivity,
  last_bought_ms,
  purchases
ORDER BY id
