// In which properties of which nodes something stands: as a word of its own in any text, or as one of these hashes.
// params:  tenant STRING or NULL (NULL: the whole store, for whoever runs it), word STRING (lower case),
//          pattern STRING (regular expression of the word, lower case), digests LIST<STRING>
// returns: name STRING (label), key STRING, hashed BOOLEAN, number INTEGER (nodes); by name and key
// needs:   nothing; reads every node
MATCH (n)
WHERE $tenant IS NULL OR n.tenant = $tenant
UNWIND keys(n) AS key
WITH n, key, n[key] AS value
UNWIND CASE WHEN value IS :: LIST<ANY> THEN value ELSE [value] END AS part
WITH n, key, toLower(toStringOrNull(part)) AS text
WITH n, key, text, text IN $digests AS hashed
WHERE hashed OR (text CONTAINS $word AND text =~ $pattern)
RETURN labels(n)[0] AS name, key, hashed, count(DISTINCT n) AS number
ORDER BY name, key, hashed
