// Who may be at the keyboard of a session, and what was done in it; of members without consent no more than that they are.
// params:  tenant STRING, now ZONED DATETIME, session_id STRING or NULL, account_id STRING or NULL, hinted_id STRING or
//          NULL (whom the page named), context_ids LIST<STRING> (products of the page)
// returns: members LIST<MAP> (id, may_be_named BOOLEAN, portrait STRING or NULL (JSON, with consent alone)), hinted_ids
//          LIST<STRING>, refused BOOLEAN (the session's visitor denies to be linked), claimer STRING or NULL (who said that
//          it was theirs), attributed STRING or NULL (who has its evidence), run STRING or NULL, events LIST<MAP> (at_ms,
//          channel, device, pieces LIST<LIST> of [product_id, tags, genres, price]), context LIST<LIST> (of the page's
//          products, the same); one row
// needs:   KNOWS_HABITS of the active Run, by app/jobs/habits.py
OPTIONAL MATCH (run:Run {tenant: $tenant, active: true})
OPTIONAL MATCH (s:Session {tenant: $tenant, id: $session_id})
CALL (s) {
  CALL (s) {
    MATCH (account:Account {tenant: $tenant, id: $account_id})
    RETURN account
    UNION
    MATCH (s)-[:ON]->(account:Account)
    RETURN account
    UNION
    MATCH (:Identity {tenant: $tenant, id: $hinted_id})<-[:USED_BY]-(account:Account)
    RETURN account
    UNION
    MATCH (s)-[:HINTED]->(:Identity)<-[:USED_BY]-(account:Account)
    RETURN account
  }
  MATCH (account)-[r:USED_BY]->(i:Identity)
  WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
  WITH DISTINCT i
  ORDER BY i.id
  LIMIT 50
  RETURN collect(i) AS members
}
CALL (s, run, members) {
  UNWIND members AS i
  WITH run, i,
    NOT EXISTS { (s)-[:NOT_BY]->(i) } AND
    COLLECT {
      MATCH (i)-[:GAVE]->(c:Consent {purpose: 'link_identities'})
      WHERE c.at <= $now OR c.status <> 'granted'
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.counts_from DESC, live
      LIMIT 1
    } = [true] AS may_be_named
  OPTIONAL MATCH (run)-[known:KNOWS_HABITS]->(i)
  WHERE may_be_named
  RETURN collect({id: i.id, may_be_named: may_be_named, portrait: known.portrait}) AS known
}
CALL () {
  MATCH (x:Interaction {tenant: $tenant, session_id: $session_id, on_login: true})<-[:DID]-(visitor:Identity {kind: 'anonymous'})
  WITH x, visitor
  ORDER BY x.at, x.id
  LIMIT 200
  RETURN collect(x) AS deeds, collect(DISTINCT visitor) AS visitors
}
CALL (run, deeds) {
  UNWIND deeds AS x
  RETURN collect({
    at_ms: x.at.epochMillis,
    channel: x.channel,
    device: x.device,
    pieces: COLLECT {
      MATCH (x)-[line:OF]->(p:Product)
      RETURN [
        p.id,
        COLLECT { MATCH (p)-[:TAGGED]->(t:Tag) RETURN t.id ORDER BY t.id LIMIT 12 },
        COLLECT { MATCH (p)-[in:IN_GENRE]->(g:MicroGenre) WHERE in.run = run.id RETURN g.id ORDER BY g.id LIMIT 5 },
        coalesce(line.price_paid, p.price)
      ]
    }
  }) AS events
}
CALL (run) {
  UNWIND $context_ids AS id
  MATCH (p:Product {tenant: $tenant, id: id})
  RETURN collect([
    p.id,
    COLLECT { MATCH (p)-[:TAGGED]->(t:Tag) RETURN t.id ORDER BY t.id LIMIT 12 },
    COLLECT { MATCH (p)-[in:IN_GENRE]->(g:MicroGenre) WHERE in.run = run.id RETURN g.id ORDER BY g.id LIMIT 5 },
    p.price
  ]) AS context
}
RETURN
  known AS members,
  COLLECT { MATCH (s)-[:HINTED]->(i:Identity) RETURN i.id ORDER BY i.id } AS hinted_ids,
  EXISTS {
    UNWIND visitors AS visitor
    WITH visitor
    WHERE
      COLLECT {
        MATCH (visitor)-[:GAVE]->(c:Consent {purpose: 'link_identities'})
        WHERE c.at <= $now OR c.status <> 'granted'
        RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
        ORDER BY c.counts_from DESC, live
        LIMIT 1
      } = [false]
    RETURN visitor
  } AS refused,
  COLLECT {
    MATCH (:Interaction {tenant: $tenant, session_id: $session_id})<-[claim:CLAIMED]-(i:Identity)
    WHERE claim.method IS NULL
    RETURN DISTINCT i.id ORDER BY i.id LIMIT 1
  }[0] AS claimer,
  COLLECT { MATCH (s)-[:ATTRIBUTED_TO]->(i:Identity) RETURN i.id LIMIT 1 }[0] AS attributed,
  run.id AS run,
  events,
  context
