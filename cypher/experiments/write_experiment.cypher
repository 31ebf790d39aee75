// Keep an experiment; of one that is there only its end changes.
// params:  tenant STRING, id STRING, fixed STRING (JSON; all that assignments hang on), ends_at ZONED DATETIME, secret STRING, by
//          STRING (id of the key), at ZONED DATETIME
// returns: secret STRING (the first one's); no row when there is one of this id that is otherwise
// needs:   the constraint experiment_key
MERGE (e:Experiment {tenant: $tenant, id: $id})
ON CREATE SET
  e.fixed = $fixed,
  e.secret = $secret
WITH e
WHERE e.fixed = $fixed
SET
  e.ends_at = $ends_at,
  e.changed_by = $by,
  e.changed_at = $at
RETURN e.secret AS secret
