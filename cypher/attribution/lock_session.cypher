// Lock a session until this transaction ends, and note that it is looked at.
// params:  tenant STRING, session_id STRING
// returns: was_open BOOLEAN; one row, none when there is no such session
// needs:   nothing
MATCH (s:Session {tenant: $tenant, id: $session_id})
SET s.looked_at = datetime.realtime()
WITH s, coalesce(s.open, false) AS was_open
SET s.open = null
RETURN was_open
