// Identities in the communities that they like from, by share of their likes.
// params:  tenant STRING, run STRING, rows LIST<LIST> of [identity, LIST of community ids, LIST of strengths]
// returns: nothing
// needs:   the communities of the run; LEARNED_FROM, written by refresh/choose_learners
UNWIND $rows AS row
MATCH (:Run {tenant: $tenant, id: $run})-[:LEARNED_FROM]->(i:Identity {tenant: $tenant, id: row[0]})
CALL (i, row) {
  UNWIND range(0, size(row[1]) - 1) AS place
  MATCH (c:TasteCommunity {tenant: $tenant, id: row[1][place] + '@' + $run})
  CREATE (i)-[:MEMBER_OF {run: $run, strength: row[2][place]}]->(c)
}
