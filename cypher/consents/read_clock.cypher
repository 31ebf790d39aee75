// What time it is for the database, whose clock all machines share.
// params:  none
// returns: now_ms INTEGER; one row
// needs:   nothing
RETURN datetime.realtime().epochMillis AS now_ms
