// What the database calls itself, for as long as it lives.
// params:  none
// returns: id STRING; one row
// needs:   nothing
CALL db.info() YIELD id
RETURN id
