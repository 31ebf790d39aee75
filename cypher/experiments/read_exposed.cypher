// Whom an experiment was shown to, in which arm, and what they clicked and bought since: of those alone who consent to be
// measured as of now; of browsers that name a decision of theirs, of those alone that have not refused it.
// params:  tenant STRING, id STRING, now ZONED DATETIME, since ZONED DATETIME (its beginning), arrived_before ZONED DATETIME
//          (whom a public key brought later does not count yet), clicking LIST<STRING> (types of events)
// returns: identity_id STRING, unit STRING, arm STRING, first_ms INTEGER (first exposure), counts BOOLEAN, households
//          LIST<STRING> (with which it shares by its own will), clicks_ms LIST<INTEGER>, bought LIST<LIST> as in
//          outcomes/read_touches; by identity and unit
// needs:   the indexes decision_experiment and interaction_decision; OF.kept and ordered_at, written by ingest/settle_orders
MATCH (d:Decision {tenant: $tenant, experiment: $id})
WHERE d.at >= $since
MATCH (i:Identity)-[:RECEIVED]->(d)
WITH i, d.unit AS unit, min(d.at) AS first, collect(d) AS decisions
WITH i, unit, first, decisions, head([d IN decisions WHERE d.at = first]).arm AS arm
WHERE
  COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'measurement'})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true]
CALL (i, decisions) {
  UNWIND decisions AS d
  MATCH (x:Interaction {tenant: $tenant, decision_id: d.id})<-[:DID]-(by:Identity)
  WHERE
    (by = i OR by.kind = 'anonymous' OR EXISTS { (i)-[:CLAIMED]->(x) })
    AND (
      by = i
      OR COLLECT {
        MATCH (by)-[:GAVE]->(c:Consent {purpose: 'measurement'})
        RETURN c.status
        ORDER BY c.counts_from DESC, c.status
        LIMIT 1
      } IN [[], ['granted']]
    )
  RETURN
    collect(DISTINCT by) AS browsers,
    collect(CASE WHEN x.type IN $clicking THEN x.at.epochMillis END) AS clicks_ms
}
CALL (i, browsers, first) {
  CALL (i, browsers) {
    MATCH (i)-[:DID|CLAIMED]->(x:Interaction)
    RETURN x, true AS is_own
    UNION
    UNWIND browsers AS by
    MATCH (by)-[:DID]->(x:Interaction)
    WHERE by <> i AND NOT EXISTS { (i)-[:CLAIMED]->(x) }
    RETURN x, false AS is_own
  }
  WITH x, is_own, first
  WHERE
    x.type IN ['purchase', 'refund', 'return']
    AND (x.type = 'purchase' OR x.order_id IS NULL)
    AND coalesce(x.ordered_at, x.at) >= first
  WITH
    x, is_own,
    COLLECT { MATCH (x)<-[:DID]-(by:Identity) RETURN by.id } AS by,
    COLLECT {
      MATCH (x)-[o:OF]->(p:Product)
      WHERE coalesce(o.kept, o.quantity) > 0
      RETURN [p.id, coalesce(o.kept, o.quantity), o.price_paid, o.list_price]
    } AS lines
  WHERE size(lines) > 0
  RETURN
    collect([
      x.id, by[0], is_own, x.type, coalesce(x.ordered_at, x.at).epochMillis, x.order_id, x.currency, lines
    ]) AS bought
}
RETURN
  i.id AS identity_id,
  unit,
  arm,
  first.epochMillis AS first_ms,
  coalesce(i.public_since <= $arrived_before, true) AS counts,
  COLLECT {
    MATCH (i)-[g:GRANTED]->(h:Identity {kind: 'household'})
    WHERE
      g.at <= $now
      AND g.until > $now
      AND COLLECT {
        MATCH (i)-[:GAVE]->(c:Consent {purpose: 'household_share'})
        WHERE c.at <= $now OR c.status <> 'granted'
        RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
        ORDER BY c.counts_from DESC, live
        LIMIT 1
      } = [true]
    RETURN DISTINCT h.id
  } AS households,
  clicks_ms,
  bought
ORDER BY identity_id, unit
