// Version of the server; holds no tenant's data.
// params:  none
// returns: version STRING, e.g. 2026.01.4; one row
// needs:   nothing
CALL dbms.components() YIELD name, versions
WHERE name = 'Neo4j Kernel'
RETURN versions[0] AS version
