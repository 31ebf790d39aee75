// Note what a receiver holds of an audience from now on; its erased ones were named to it with this.
// params:  tenant STRING, audience STRING, fields STRING (JSON; the filter by which members are chosen), at ZONED DATETIME,
//          expires_at ZONED DATETIME
// returns: nothing
// needs:   the constraint exported_list_key
MERGE (list:ExportedList {tenant: $tenant, id: $audience})
SET
  list.fields = $fields,
  list.at = $at,
  list.expires_at = $expires_at,
  list.erased = []
