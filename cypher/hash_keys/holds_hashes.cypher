// Whether anything in the store was hashed with a key: of every shop, since keys are the instance's.
// params:  none
// returns: hashed BOOLEAN; one row
// needs:   nothing
RETURN
  EXISTS { MATCH (:Identifier) } OR
  EXISTS { MATCH (:Tombstone) } OR
  EXISTS { MATCH (:EndedLink) } OR
  EXISTS { MATCH (:AuditEntry) } AS hashed
