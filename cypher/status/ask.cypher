// The smallest question that the store itself must answer: has a tenant any record of the schema?
// params:  tenant STRING (any will do)
// returns: known BOOLEAN; one row
// needs:   nothing; without a Migration the answer is FALSE, and an answer all the same
RETURN EXISTS { (:Migration {tenant: $tenant}) } AS known
