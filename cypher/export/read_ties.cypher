// What ties an identity to others, for its export: of the other end no more than its own person, account, household,
// identifiers, sessions, the runs that learned from it, the audiences that it left in and the plans that it is in.
// params:  tenant STRING, identity_id STRING
// returns: own MAP (kind, time_zone, reachable LIST<STRING>; NULL where nothing was said), ties LIST<MAP> (type, outgoing BOOLEAN, id, source, confidence, first_ms, last_ms, until_ms,
//          at_ms, purposes, label and other (id of the other end) or NULL, identifier_type or NULL, figures MAP or NULL
//          (of a run: what it estimates; of a plan: its line)); one row, none when there is no such identity
// needs:   nothing
MATCH (i:Identity {tenant: $tenant, id: $identity_id})
CALL (i) {
  CALL (i) {
    MATCH (i)-[r]-(end)
    WHERE NOT r:DID|CLAIMED|GAVE|RECEIVED|LIKES|DISLIKES|EXCLUDES|MEMBER_OF|FOLLOWED_LIKE|LEADS|ERASES
    RETURN r, end, startNode(r) = i AS outgoing
    UNION
    MATCH (i)<-[:HAS_IDENTITY]-(:Person)-[r:LIVES_IN]->(end:Household)
    RETURN r, end, true AS outgoing
    UNION
    MATCH (i)<-[:USED_BY]-(:Account)-[r:BELONGS_TO]->(end:Household)
    RETURN r, end, true AS outgoing
  }
  WITH
    r,
    end,
    outgoing,
    end:Person OR end:Account OR end:Household OR end:Identifier OR end:Run OR end:DataRequest OR end:Session OR end:ExportedList OR end:Plan AS own
  ORDER BY type(r), outgoing, r.source, CASE WHEN own THEN end.id END, r.id
  RETURN collect({
    type: type(r),
    outgoing: outgoing,
    id: r.id,
    source: r.source,
    confidence: r.confidence,
    first_ms: coalesce(r.first_seen, CASE WHEN r:LISTED_IN THEN r.at END, r.exported_at).epochMillis,
    last_ms: r.last_seen.epochMillis,
    until_ms: coalesce(r.valid_until, r.until, r.ended_at).epochMillis,
    at_ms: r.at.epochMillis,
    purposes: r.purposes,
    label: labels(end)[0],
    other: CASE WHEN own THEN end.id END,
    identifier_type: CASE WHEN end:Identifier THEN end.type END,
    figures: CASE
      WHEN r:LEARNED_FROM|KNOWS_HABITS THEN properties(r)
      WHEN r:PLANNED_IN THEN {line: r.line, product_ids: r.product_ids, creative_ids: r.creative_ids, gains: r.gains}
    END
  }) AS ties
}
RETURN {kind: i.kind, time_zone: i.time_zone, reachable: i.reachable} AS own, ties
