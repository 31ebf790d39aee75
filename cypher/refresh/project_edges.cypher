// Project a weighted graph of numbers, not of nodes: what comes out of it cannot depend on internal ids.
// params:  graph STRING (a name below plural/<tenant>/), ends LIST<LIST<INTEGER>> (two of one length, each edge once),
//          weights LIST<FLOAT>, undirected LIST<STRING> (['*'] where edges have no direction, else none)
// returns: projected MAP of the graph's name and size; one row, none when there is no edge
// needs:   sent by the client of GDS (app/jobs/graph_science.py), which wants this one column
UNWIND range(0, size($weights) - 1) AS place
RETURN
  gds.graph.project(
    $graph,
    $ends[0][place],
    $ends[1][place],
    {relationshipProperties: {weight: $weights[place]}},
    {undirectedRelationshipTypes: $undirected, readConcurrency: 1}
  ) AS projected
