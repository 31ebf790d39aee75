// The devices of the shop, and who of those that figures count uses each.
// params:  tenant STRING, run STRING, now ZONED DATETIME, of_several LIST<STRING> (kinds of identities that several people
//          stand behind)
// returns: users INTEGER (by live links, whether or not they count), is_of_several BOOLEAN (one of them is), identity_ids
//          LIST<STRING> (who count, rising, at least one); in their order
// needs:   LEARNED_FROM, written by refresh/choose_learners
MATCH (run:Run {tenant: $tenant, id: $run})
MATCH (used:Identifier {tenant: $tenant, type: 'device'})
CALL (run, used) {
  MATCH (used)<-[r:KNOWN_BY]-(user:Identity)
  WHERE r.first_seen <= $now AND coalesce(r.valid_until > $now, true)
  WITH DISTINCT run, user
  ORDER BY user.id
  RETURN
    count(user) AS users,
    count(CASE WHEN user.kind IN $of_several THEN 1 END) > 0 AS is_of_several,
    collect(CASE WHEN EXISTS { (run)-[:LEARNED_FROM {counts: true}]->(user) } THEN user.id END) AS identity_ids
}
WITH users, is_of_several, identity_ids
WHERE identity_ids <> []
RETURN users, is_of_several, identity_ids
ORDER BY identity_ids
