// Give a projection's memory back.
// params:  graph STRING, tenant STRING (a projection's name begins with its tenant)
// returns: graphName STRING; no row when there is none
// needs:   nothing
// again:   finds none any more
WITH $graph AS graph
WHERE graph STARTS WITH 'plural/' + $tenant + '/'
CALL gds.graph.drop(graph, false)
YIELD graphName
RETURN graphName
