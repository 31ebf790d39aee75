// Hold writing back for a while, unless somebody else does; one that has run out is taken over.
// params:  tenant STRING (a shop, or the reserved one that stands for all), kind STRING of backup|restore|load, owner STRING,
//          seconds FLOAT
// returns: taken BOOLEAN, before STRING or NULL (kind of the one that stood there, run out or not); one row
// needs:   the constraint on Hold, whose lock orders two that ask at once
MERGE (h:Hold {tenant: $tenant, id: 'writes'})
// By the clock that all machines share.
SET h.asked_at = datetime.realtime()
WITH h, h.kind AS before, h.owner IS NULL OR h.owner = $owner OR h.until < datetime.realtime() AS taken
CALL (h, taken) {
  WITH h
  WHERE taken
  SET
    h.kind = $kind,
    h.owner = $owner,
    h.until = datetime.realtime() + duration({seconds: $seconds})
}
RETURN taken, before
