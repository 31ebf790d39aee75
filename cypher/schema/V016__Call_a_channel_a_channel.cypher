// The channel of a decision was called its door.
MATCH (d:Decision)
WHERE d.door IS NOT NULL
CALL (d) {
  SET d.channel = d.door
  REMOVE d.door
} IN TRANSACTIONS OF 10000 ROWS;
