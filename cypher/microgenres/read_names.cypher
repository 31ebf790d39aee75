// Names that people gave to microgenres.
// params:  tenant STRING
// returns: id STRING, name STRING; by id
// needs:   GenreName, written by microgenres/name_genre
MATCH (given:GenreName {tenant: $tenant})
RETURN given.id AS id, given.name AS name
ORDER BY id
