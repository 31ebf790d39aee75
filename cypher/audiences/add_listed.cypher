// Put identities on the list that a receiver holds; one that was on it before is on it once more.
// params:  tenant STRING, audience STRING, at ZONED DATETIME, rows LIST<MAP> (identity_id, member)
// returns: nothing
// needs:   audiences/write_list before it
UNWIND $rows AS row
MATCH (i:Identity {tenant: $tenant, id: row.identity_id})
MATCH (list:ExportedList {tenant: $tenant, id: $audience})
CREATE (i)-[:LISTED_IN {member: row.member, at: $at}]->(list)
