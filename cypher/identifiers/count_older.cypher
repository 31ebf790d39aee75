// How many identifiers are kept under older keys than the current one.
// params:  tenant STRING, key_version INTEGER (of the current key)
// returns: identifiers INTEGER; one row
// needs:   key_version on every Identifier, written by links/assert_links
MATCH (known:Identifier {tenant: $tenant})
WHERE known.key_version < $key_version
RETURN count(known) AS identifiers
