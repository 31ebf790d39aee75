// Who asks and what may be read of it: consent, grants, run, likes, session and page, all of one moment. No score in it.
// params:  tenant STRING, now ZONED DATETIME, identity_id STRING or NULL, session_id STRING or NULL, purpose STRING,
//          visitor_id STRING or NULL (whose the session is where nobody is named),
//          known STRING or NULL (stamp of the facts that the caller still holds), context_ids LIST<STRING> (products of
//          the page), habit_days INTEGER (days of purchases from which on they are read), without_products LIST<STRING> (of the session, imagined away), without_interactions LIST<STRING>
// returns: stamp STRING (of run, catalogue, identity, consent and grants), granted BOOLEAN, catalogue INTEGER (its
//          version), run STRING or NULL, model_version STRING or NULL, run_finished_ms INTEGER or NULL, kind STRING or NULL
//          (of an identity that consented), likes LIST<MAP> (id and kind of whose they are, product_ids, weights,
//          full_price_weights, at_ms, bought, bought_ms, days (on how many it was bought), habit_days (which ones, where
//          they are that many) LIST; the identity's own first), followed_ids LIST<STRING>,
//          followed_weights LIST<FLOAT>, unwanted LIST<LIST> of [kind, value] (what it excludes or dislikes),
//          unwanted_by_visitor (the same of the session's), session_ids LIST<STRING>, session_bought LIST<BOOLEAN>, page_ids LIST<STRING>
//          (those of the page that there are), page_tags LIST<STRING> (their categories); one row. Likes, followed and
//          unwanted are empty without consent, and when stamp equals $known
// needs:   LIKES kept by ingest/; FOLLOWED_LIKE of the active Run by app/jobs/refresh.py
OPTIONAL MATCH (shop:Tenant {tenant: $tenant, id: $tenant})
OPTIONAL MATCH (run:Run {tenant: $tenant, active: true})
OPTIONAL MATCH (asked:Identity {tenant: $tenant, id: $identity_id})
WITH shop, run, asked,
  // The gate: the latest record decides, the stricter of two at one time, expiry is looked at now.
  COLLECT {
    MATCH (asked)-[:GAVE]->(c:Consent {purpose: $purpose})
    WHERE c.at <= $now OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true] AS granted
// Whose likes count too: whoever granted them for this purpose, while both of its own consents last. Never further than one step.
CALL (asked, granted) {
  MATCH (asked)<-[g:GRANTED]-(giver:Identity)
  WHERE
    granted
    AND $purpose IN g.purposes
    AND g.at <= $now
    AND g.until > $now
    AND COLLECT {
      MATCH (giver)-[:GAVE]->(c:Consent {purpose: 'household_share'})
      WHERE c.at <= $now OR c.status <> 'granted'
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.counts_from DESC, live
      LIMIT 1
    } = [true]
    AND COLLECT {
      MATCH (giver)-[:GAVE]->(c:Consent {purpose: $purpose})
      WHERE c.at <= $now OR c.status <> 'granted'
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.counts_from DESC, live
      LIMIT 1
    } = [true]
  WITH DISTINCT giver
  ORDER BY giver.id
  RETURN collect(giver) AS givers
}
WITH run, asked, granted, givers, coalesce(shop.catalogue_version, 0) AS catalogue
WITH *,
  coalesce(run.id, '') + '/' + catalogue + '/' +
    CASE WHEN granted THEN coalesce(asked.version, 0) ELSE '' END +
    reduce(stamps = '', giver IN givers | stamps + '/' + giver.id + ':' + giver.version) AS stamp
WITH *, $known IS NOT NULL AND $known = stamp AS unchanged
WITH
  stamp,
  granted,
  catalogue,
  run,
  CASE WHEN granted THEN asked.kind END AS kind,
  // Everything below hangs on these two: no consent, no reader; nothing new, nothing to read.
  CASE WHEN granted AND NOT unchanged THEN asked END AS reader,
  CASE WHEN NOT granted OR unchanged THEN [] ELSE [asked] + givers END AS members
CALL (members) {
  UNWIND members AS member
  CALL (member) {
    MATCH (member)-[l:LIKES]->(p:Product)
    WHERE l.weight > 0
    RETURN
      collect(p.id) AS product_ids,
      collect(l.weight) AS weights,
      collect(coalesce(l.full_price_weight, l.weight)) AS full_price_weights,
      collect(l.last_at.epochMillis) AS at_ms,
      collect(l.purchases > 0) AS bought,
      collect(coalesce(l.last_bought_at.epochMillis, -1)) AS bought_ms,
      collect(coalesce(size(l.bought_days), toInteger(l.purchases > 0))) AS days,
      collect(CASE WHEN size(l.bought_days) >= $habit_days THEN l.bought_days ELSE [] END) AS habit_days
  }
  RETURN collect({
    id: member.id,
    kind: member.kind,
    product_ids: product_ids,
    weights: weights,
    full_price_weights: full_price_weights,
    at_ms: at_ms,
    bought: bought,
    bought_ms: bought_ms,
    days: days,
    habit_days: habit_days
  }) AS likes
}
CALL (run, reader) {
  MATCH (reader)-[s:FOLLOWED_LIKE]->(p:Product)
  WHERE s.run = run.id
  RETURN collect(p.id) AS followed_ids, collect(s.weight) AS followed_weights
}
CALL (reader) {
  MATCH (reader)-[:EXCLUDES|DISLIKES]->(what:Exclusion|Product)
  RETURN collect([coalesce(what.kind, 'product'), coalesce(what.value, what.id)]) AS unwanted
}
CALL () {
  // What a session's visitor excludes, who may have done nothing else yet.
  MATCH (visitor:Identity {tenant: $tenant, id: $visitor_id})
  WHERE
    COLLECT {
      MATCH (visitor)-[:GAVE]->(c:Consent {purpose: $purpose})
      WHERE c.at <= $now OR c.status <> 'granted'
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.counts_from DESC, live
      LIMIT 1
    } = [true]
  MATCH (visitor)-[:EXCLUDES|DISLIKES]->(what:Exclusion|Product)
  RETURN collect([coalesce(what.kind, 'product'), coalesce(what.value, what.id)]) AS unwanted_by_visitor
}
CALL (run) {
  // A session without a named identity counts only where the one who did it has consented.
  MATCH (x:Interaction {tenant: $tenant, session_id: $session_id})<-[:DID]-(visitor:Identity)
  WHERE
    run IS NOT NULL
    AND COLLECT {
      MATCH (visitor)-[:GAVE]->(c:Consent {purpose: $purpose})
      WHERE c.at <= $now OR c.status <> 'granted'
      RETURN c.status = 'granted' AND coalesce(c.expires_at > $now, true) AS live
      ORDER BY c.counts_from DESC, live
      LIMIT 1
    } = [true]
  MATCH (x)-[:OF]->(p:Product)
  WHERE
    NOT x.id IN $without_interactions AND
    NOT p.id IN $without_products AND
    NOT x.type IN ['dislike', 'unwish'] AND
    NOT EXISTS { (visitor)-[:DISLIKES]->(p) }
  WITH p, max(x.at) AS last_at, max(x.type = 'purchase') AS bought
  ORDER BY last_at DESC, p.id
  LIMIT 20
  RETURN collect(p.id) AS session_ids, collect(bought) AS session_bought
}
CALL () {
  UNWIND $context_ids AS id
  MATCH (p:Product {tenant: $tenant, id: id})
  WITH p.id AS id, COLLECT {
    MATCH (p)-[:TAGGED]->(t:Tag {facet: 'category'})
    RETURN t.id
  } AS tags
  RETURN collect(id) AS page_ids, reduce(every = [], some IN collect(tags) | every + some) AS page_tags
}
RETURN
  stamp,
  granted,
  catalogue,
  run.id AS run,
  run.model_version AS model_version,
  run.finished_at.epochMillis AS run_finished_ms,
  kind,
  likes,
  followed_ids,
  followed_weights,
  unwanted,
  unwanted_by_visitor,
  session_ids,
  session_bought,
  page_ids,
  page_tags
