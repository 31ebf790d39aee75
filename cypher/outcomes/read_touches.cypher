// Who touched decisions of late, and what those whom they were for bought: what credit is derived from. Only of those who
// consent as of now; of the browsers that name a decision of theirs, of those alone that have not refused it.
// params:  tenant STRING, now ZONED DATETIME, since ZONED DATETIME, limit INTEGER (decisions, the newest), purposes LIST<STRING>
//          (that must be consented to), visited LIST<STRING> (channels where a decision is seen when it is made), touching LIST<STRING> (types of events)
// returns: identity_id STRING, seen LIST<LIST> of [decision id, at in ms], touches LIST<LIST> of [decision id, by STRING, type
//          STRING, at in ms], bought LIST<LIST> of [id, by STRING, is_own BOOLEAN (did or claimed), type STRING, at in ms,
//          order_id or NULL, currency or NULL, lines LIST<LIST> of [product_id, quantity, price_paid, list_price]]; by
//          identity, those alone who or whose browsers bought something
// needs:   the indexes decision_at and interaction_decision; OF.kept and ordered_at, written by ingest/settle_orders
MATCH (d:Decision {tenant: $tenant})
WHERE d.at > $since
WITH d
ORDER BY d.at DESC
LIMIT $limit
MATCH (i:Identity)-[:RECEIVED]->(d)
WITH
  i,
  collect(d.id) AS ids,
  collect(CASE WHEN d.channel IN $visited THEN [d.id, d.at.epochMillis] END) AS seen
WITH i, ids, seen
WHERE
  all(purpose IN $purposes WHERE
    COLLECT {
      MATCH (i)-[:GAVE]->(c:Consent {purpose: purpose})
      WHERE c.at <= $now OR c.status <> 'granted'
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.counts_from DESC, live
      LIMIT 1
    } = [true])
CALL (i, ids) {
  UNWIND ids AS id
  MATCH (x:Interaction {tenant: $tenant, decision_id: id})<-[:DID]-(by:Identity)
  WHERE
    (by = i OR by.kind = 'anonymous' OR EXISTS { (i)-[:CLAIMED]->(x) })
    AND (
      by = i
      OR all(purpose IN $purposes WHERE
        COLLECT {
          MATCH (by)-[:GAVE]->(c:Consent {purpose: purpose})
          RETURN c.status
          ORDER BY c.counts_from DESC, c.status
          LIMIT 1
        } IN [[], ['granted']])
    )
  RETURN
    collect(DISTINCT by) AS browsers,
    collect(CASE WHEN x.type IN $touching THEN [id, by.id, x.type, x.at.epochMillis] END) AS touches
}
CALL (i, browsers) {
  MATCH (i)-[:DID|CLAIMED]->(x:Interaction)
  RETURN x, true AS is_own
  UNION
  UNWIND browsers AS by
  MATCH (by)-[:DID]->(x:Interaction)
  WHERE by <> i AND NOT EXISTS { (i)-[:CLAIMED]->(x) }
  RETURN x, false AS is_own
}
WITH i, seen, touches, x, is_own
WHERE
  x.type IN ['purchase', 'refund', 'return']
  AND (x.type = 'purchase' OR x.order_id IS NULL)
  AND coalesce(x.ordered_at, x.at) > $since
WITH
  i, seen, touches, x, is_own,
  COLLECT { MATCH (x)<-[:DID]-(by:Identity) RETURN by.id } AS by,
  COLLECT {
    MATCH (x)-[o:OF]->(p:Product)
    WHERE coalesce(o.kept, o.quantity) > 0
    RETURN [p.id, coalesce(o.kept, o.quantity), o.price_paid, o.list_price]
  } AS lines
WHERE size(lines) > 0
RETURN
  i.id AS identity_id,
  seen,
  touches,
  collect([
    x.id, by[0], is_own, x.type, coalesce(x.ordered_at, x.at).epochMillis, x.order_id, x.currency, lines
  ]) AS bought
ORDER BY identity_id
