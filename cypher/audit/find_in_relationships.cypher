// In which properties of which relationships something stands: as a word of its own in any text, or as one of these hashes.
// params:  tenant STRING or NULL (NULL: the whole store, for whoever runs it), word STRING (lower case),
//          pattern STRING (regular expression of the word, lower case), digests LIST<STRING>
// returns: name STRING (type), key STRING, hashed BOOLEAN, number INTEGER (relationships); by name and key
// needs:   nothing; reads every relationship
MATCH (start)-[r]->()
WHERE $tenant IS NULL OR start.tenant = $tenant
UNWIND keys(r) AS key
WITH r, key, r[key] AS value
UNWIND CASE WHEN value IS :: LIST<ANY> THEN value ELSE [value] END AS part
WITH r, key, toLower(toStringOrNull(part)) AS text
WITH r, key, text, text IN $digests AS hashed
WHERE hashed OR (text CONTAINS $word AND text =~ $pattern)
RETURN type(r) AS name, key, hashed, count(DISTINCT r) AS number
ORDER BY name, key, hashed
