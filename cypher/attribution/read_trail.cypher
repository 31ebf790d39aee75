// Whether there is such a session, for whoever looks at it.
// params:  tenant STRING, session_id STRING
// returns: id STRING, account STRING or NULL; one row, none when there is no such session on a login
// needs:   nothing
MATCH (s:Session {tenant: $tenant, id: $session_id})
RETURN s.id AS id, COLLECT { MATCH (s)-[:ON]->(account:Account) RETURN account.id ORDER BY account.id LIMIT 1 }[0] AS account
