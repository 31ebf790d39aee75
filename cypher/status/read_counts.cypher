// How many nodes and relationships there are, from the count store; the operator's view over all tenants, hence
// without $tenant: numbers and nothing else.
// params:  none
// returns: nodes LIST<MAP> (label, count), relationships LIST<MAP> (type, count); one row
// needs:   nothing
CALL db.stats.retrieve('GRAPH COUNTS') YIELD data
RETURN
  [n IN data.nodes WHERE n.label IS NOT NULL | {label: n.label, count: n.count}] AS nodes,
  [
    r IN data.relationships
    WHERE r.relationshipType IS NOT NULL AND r.startLabel IS NULL AND r.endLabel IS NULL
    | {type: r.relationshipType, count: r.count}
  ] AS relationships
