// The communities that a run found.
// params:  tenant STRING, run STRING, rows LIST<MAP> (id, label or NULL, terms LIST<STRING>, size INTEGER (members),
//          structure MAP (products INTEGER at home; density, conductance and core_share FLOAT or NULL),
//          usual_share FLOAT (the crowd's mean share of likes in it), resolution FLOAT,
//          too_few BOOLEAN (fewer members than may be told of), born BOOLEAN)
// returns: nothing
// needs:   nothing
UNWIND $rows AS row
CREATE (c:TasteCommunity {tenant: $tenant, id: row.id + '@' + $run, community: row.id, run: $run})
SET
  c += row.structure,
  c.label = row.label,
  c.terms = row.terms,
  c.size = row.size,
  c.usual_share = row.usual_share,
  c.resolution = row.resolution,
  c.too_few = row.too_few,
  c.born = row.born
