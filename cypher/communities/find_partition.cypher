// Part a projected graph by the Leiden method (modularity).
// params:  graph STRING, resolution FLOAT (higher: more and smaller communities), seed INTEGER
// returns: node INTEGER, community INTEGER; one row a node that has an edge, by node
// needs:   the projection by communities/project_graph
CALL gds.leiden.stream($graph, {
  relationshipWeightProperty: 'weight',
  gamma: $resolution,
  randomSeed: $seed,
  concurrency: 1
})
YIELD nodeId, communityId
RETURN nodeId AS node, communityId AS community
ORDER BY node
