// Whether there is anything in the store but what any start writes into an empty one.
// params:  none
// returns: holds BOOLEAN; one row
// needs:   nothing
RETURN EXISTS {
  MATCH (n)
  WHERE NOT n:Migration AND NOT n:HashKey AND NOT n:Hold
} AS holds
