// Project an undirected weighted graph of numbers, not of nodes: what comes out of it cannot depend on internal ids.
// params:  graph STRING (a name below plural/<tenant>/), ends LIST<LIST<INTEGER>> (two of one length, each edge once),
//          weights LIST<FLOAT>
// returns: edges INTEGER; one row, none when there is no edge
// needs:   nothing
UNWIND range(0, size($weights) - 1) AS place
WITH
  count(*) AS edges,
  gds.graph.project(
    $graph,
    $ends[0][place],
    $ends[1][place],
    {relationshipProperties: {weight: $weights[place]}},
    {undirectedRelationshipTypes: ['*'], readConcurrency: 1}
  ) AS projected
WHERE projected IS NOT NULL
RETURN edges
