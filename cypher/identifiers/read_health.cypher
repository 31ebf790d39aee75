// How the identifiers of a tenant are: how many there are, which of them resolve to nobody and why, which belong to the
// most identities, and which identities hang together. Numbers and the first characters of digests, no ids.
// params:  tenant STRING, now ZONED DATETIME, caps MAP<STRING, INTEGER> (by type), other_cap INTEGER (of all other types),
//          naming LIST<STRING> (types that join identities), apart LIST<STRING> (kinds that are never joined),
//          min_confidence FLOAT, reach INTEGER (identifiers and persons looked at), bound INTEGER (degrees are counted
//          so far)
// returns: identities INTEGER, identifiers INTEGER (all there are), types LIST<MAP> (type, number, blocked, over_cap), by
//          type, connectors LIST<MAP> (type, prefix, degree, blocked, cap), largest first, at most 10, joins
//          LIST<LIST<STRING>> (of what stands for an identity here: those that one person or identifier joins); one row
// needs:   KNOWN_BY and HAS_IDENTITY, written by links/assert_links
CALL () {
  MATCH (known:Identifier {tenant: $tenant})
  WITH known, coalesce($caps[known.type], $other_cap) AS cap
  LIMIT $reach
  WITH known,
    CASE
      // The number of links is known without looking at them.
      WHEN COUNT { (known)<-[:KNOWN_BY]-() } <= cap THEN false
      ELSE COUNT {
        MATCH (known)<-[r:KNOWN_BY]-(i:Identity)
        WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
        RETURN DISTINCT i
        LIMIT $bound
      } > cap
    END AS is_over,
    coalesce(known.blocked, false) AS is_blocked
  WITH known.type AS type, count(*) AS number,
    count(CASE WHEN is_blocked THEN 1 END) AS blocked,
    count(CASE WHEN is_over AND NOT is_blocked THEN 1 END) AS over_cap
  ORDER BY type
  RETURN collect({type: type, number: number, blocked: blocked, over_cap: over_cap}) AS types
}
CALL () {
  MATCH (known:Identifier {tenant: $tenant})
  WITH known
  LIMIT $reach
  WITH known, COUNT { (known)<-[:KNOWN_BY]-() } AS links
  WHERE links > 1
  ORDER BY links DESC, known.id
  LIMIT 100
  WITH known,
    COUNT {
      MATCH (known)<-[r:KNOWN_BY]-(i:Identity)
      WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
      RETURN DISTINCT i
      LIMIT $bound
    } AS degree
  WHERE degree > 1
  ORDER BY degree DESC, known.id
  LIMIT 10
  RETURN collect({
    type: known.type,
    prefix: left(known.id, 8),
    degree: degree,
    blocked: coalesce(known.blocked, false),
    cap: coalesce($caps[known.type], $other_cap)
  }) AS connectors
}
CALL () {
  CALL () {
    MATCH (joint:Identifier {tenant: $tenant})
    WHERE joint.type IN $naming AND NOT coalesce(joint.blocked, false)
    RETURN joint, coalesce($caps[joint.type], $other_cap) AS cap
    LIMIT $reach
    UNION ALL
    MATCH (joint:Person {tenant: $tenant})
    RETURN joint, $bound AS cap
    LIMIT $reach
  }
  WITH joint, cap
  WHERE COUNT { (joint)-[:KNOWN_BY|HAS_IDENTITY]-() } > 1
  MATCH (joint)-[r:KNOWN_BY|HAS_IDENTITY]-(i:Identity)
  WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
  WITH joint, cap, i, max(r.confidence) AS confidence
  WITH joint, cap, collect({node: i, confidence: confidence}) AS all_known
  WHERE size(all_known) <= cap
  WITH [
    one IN all_known
    WHERE one.confidence >= $min_confidence AND NOT one.node.kind IN $apart
    | one.node
  ] AS joined
  WHERE size(joined) > 1
  RETURN collect([i IN joined | elementId(i)]) AS joins
}
RETURN
  COUNT { (:Identity {tenant: $tenant}) } AS identities,
  COUNT { (:Identifier {tenant: $tenant}) } AS identifiers,
  types,
  connectors,
  joins
