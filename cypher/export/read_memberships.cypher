// A page of the taste communities that an identity belongs to, as each run that is kept found them.
// params:  tenant STRING, identity_id STRING, after STRING (the last id of the page before; '' at first), limit INTEGER
// returns: id STRING (of the community in its run), community_id STRING, run STRING, label STRING or NULL (where it may
//          not be named), strength FLOAT 0..1; by id
// needs:   MEMBER_OF, written by app/jobs/communities.py
MATCH (:Identity {tenant: $tenant, id: $identity_id})-[m:MEMBER_OF]->(c:TasteCommunity)
WHERE c.id > $after
RETURN
  c.id AS id,
  c.community AS community_id,
  c.run AS run,
  c.label AS label,
  m.strength AS strength
ORDER BY id
LIMIT $limit
