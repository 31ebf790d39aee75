// A journey with two lanes: one person, two identities, what each did lately, and where the two lines cross.
// look for: two fans that hang together in the person alone. A path through one product from lane to lane is a crossing: a view
//           on the one line, days later the first purchase on the other (type and at of the interactions in the Table view). It
//           is drawn only where both identities consent to link_identities; without that there are two lanes and nothing between.
// adapt:    tenant, person and the two identities in the first line; `plural journey tom` has the stages of each lane.
// needs:    identities of a person (ingest/upsert_identities), interactions (ingest/take_events), consents (consents/record_consents)
WITH 'demo' AS tenant, 'tom' AS person_id, ['tom-personal', 'tom-work'] AS lanes
MATCH (person:Person {tenant: tenant, id: person_id})-[has:HAS_IDENTITY]->(i:Identity)
WHERE i.id IN lanes AND has.first_seen <= datetime() AND coalesce(has.valid_until > datetime(), true)
WITH DISTINCT person, i
ORDER BY i.id
LIMIT 2
WITH
  person,
  i,
  COLLECT {
    MATCH (i)-[:GAVE]->(c:Consent {purpose: 'link_identities'})
    WHERE c.at <= datetime() OR c.status <> 'granted'
    RETURN c.status = 'granted' AND coalesce(c.expires_at > datetime(), true) AS live
    ORDER BY c.counts_from DESC, live
    LIMIT 1
  } = [true] AS may_link
WITH person, collect(i) AS lanes, all(one IN collect(may_link) WHERE one) AS may_cross
CALL (person, lanes, may_cross) {
  UNWIND lanes AS i
  MATCH path = (person)-[:HAS_IDENTITY]->(i)
  RETURN path
  UNION
  UNWIND lanes AS i
  CALL (i) {
    MATCH (i)-[:DID]->(x:Interaction)
    RETURN x
    ORDER BY x.at DESC, x.id
    LIMIT 5
  }
  CALL (i, x) {
    MATCH path = (i)-[:DID]->(x)-[:OF]->(p:Product)
    RETURN path
    ORDER BY p.id
    LIMIT 3
  }
  RETURN path
  UNION
  UNWIND [one IN lanes WHERE may_cross] AS giver
  UNWIND lanes AS taker
  MATCH
    path =
      (giver)-[:DID]->(looked:Interaction)-[:OF]->(p:Product)
        <-[:OF]-(bought:Interaction {type: 'purchase'})<-[:DID]-(taker)
  WHERE
    giver <> taker
    AND looked.type IN ['view', 'cart', 'wish']
    AND looked.at <= bought.at
    AND bought.at < looked.at + duration({days: 14})
    AND NOT EXISTS { (giver)-[:DID]->(:Interaction {type: 'purchase'})-[:OF]->(p) }
    AND NOT EXISTS {
      MATCH (taker)-[:DID]->(before:Interaction {type: 'purchase'})-[:OF]->(p)
      WHERE before.at < bought.at
    }
  RETURN path
  ORDER BY bought.at DESC, p.id
  LIMIT 3
}
RETURN path
LIMIT 60
