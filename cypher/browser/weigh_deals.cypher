// The deal hunter: what Dora paid, what it would have cost, and what is left of it as evidence.
// look for: OF says what was paid of the list price. A purchase on a deal says as much about taste as any other, and
//           both fade with age, but less about what is bought at full price: the Table view puts paid, list price and
//           the two evidence weights side by side.
// adapt:    tenant and identity in the first line, e.g. aaron-marketing (vouchers) or tom-personal (full price).
// needs:    interactions with prices (ingest/take_events) and the LIKES summed from them
WITH 'demo' AS tenant, 'dora-deals' AS identity_id
MATCH (i:Identity {tenant: tenant, id: identity_id})
CALL (i) {
  MATCH (i)-[did:DID]->(x:Interaction {type: 'purchase'})
  RETURN did, x
  ORDER BY x.at DESC, x.id
  LIMIT 5
}
MATCH (x)-[line:OF]->(p:Product)
OPTIONAL MATCH (i)-[likes:LIKES]->(p)
RETURN
  i,
  did,
  x,
  line,
  p,
  likes,
  p.title AS product,
  line.price_paid AS paid,
  line.list_price AS list_price,
  likes.purchases AS purchases,
  round(likes.weight, 2) AS evidence_weight,
  round(likes.full_price_weight, 2) AS full_price_weight
LIMIT 100
