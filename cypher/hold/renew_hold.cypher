// Hold writing back for longer, where it has been held without a break.
// params:  tenant STRING, owner STRING, seconds FLOAT
// returns: held BOOLEAN; one row
// needs:   hold/take_hold
OPTIONAL MATCH (h:Hold {tenant: $tenant, id: 'writes', owner: $owner})
WHERE h.until >= datetime.realtime()
CALL (h) {
  WITH h
  WHERE h IS NOT NULL
  SET h.until = datetime.realtime() + duration({seconds: $seconds})
}
RETURN h IS NOT NULL AS held
