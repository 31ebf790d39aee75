// Other connections of Plural to this server: whose `plural serve` would show a graph that is being restored.
// params:  agent STRING (what Plural calls itself), except_for STRING (what this process calls itself)
// returns: address STRING (client); by address
// needs:   nothing
CALL dbms.listConnections() YIELD connector, userAgent, clientAddress
WHERE connector = 'bolt' AND userAgent STARTS WITH $agent AND userAgent <> $except_for
RETURN DISTINCT clientAddress AS address
ORDER BY address
