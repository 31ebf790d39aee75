// Delete an event; the likes that it was evidence for are counted anew after it.
// params:  tenant STRING, id STRING
// returns: nothing
// needs:   the locks of its order and of the identities whose likes hang on it in the same transaction
MATCH (x:Interaction {tenant: $tenant, id: $id})
DETACH DELETE x
