// Take a grant back: the edge is gone, and with it all that it allowed, and who was found to lead whom along it.
// params:  tenant STRING, id STRING
// returns: from_id STRING, to_id STRING; one row, none when there is no such grant
// needs:   GRANTED, written by grants/give_grant
MATCH (giver:Identity {tenant: $tenant})-[g:GRANTED {id: $id}]->(taker:Identity {tenant: $tenant})
WITH g, giver, taker, COLLECT { MATCH (giver)-[led:LEADS]->(taker) RETURN led } AS leads
FOREACH (led IN leads | DELETE led)
WITH g, giver.id AS from_id, taker.id AS to_id
DELETE g
RETURN from_id, to_id
