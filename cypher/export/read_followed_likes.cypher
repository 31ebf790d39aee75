// A page of what was derived for an identity from several whom it follows; whom, and what a single one likes, is not told.
// params:  tenant STRING, identity_id STRING, after STRING (the last id of the page before; '' at first), limit INTEGER
// returns: id STRING (product and run), product_id STRING, run STRING, weight FLOAT; by id
// needs:   FOLLOWED_LIKE, written by app/jobs/followed.py
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[l:FOLLOWED_LIKE]->(p:Product)
WITH p.id + '@' + l.run AS id, p.id AS product_id, l.run AS run, l.weight AS weight
WHERE id > $after
RETURN id, product_id, run, weight
ORDER BY id
LIMIT $limit
