// Projections that earlier runs of a tenant left behind.
// params:  tenant STRING
// returns: graph STRING; one row per projection
// needs:   nothing
CALL gds.graph.list()
YIELD graphName
WITH graphName
WHERE graphName STARTS WITH 'plural/' + $tenant + '/'
RETURN graphName AS graph
ORDER BY graph
