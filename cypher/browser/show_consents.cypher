// One person, several identities, and what each of them has been granted.
// look for: every consent hangs on one identity and on no other: the marketing address may be mailed and advertised
//           to, the personal one may not; each profile answers for itself; the person has no consent at all.
// adapt:    another tenant or person in the first line, e.g. nora, who changed her mind: both records stay.
// needs:    identities of a person (ingest/upsert_identities), consents (consents/record_consents)
WITH 'demo' AS tenant, 'aaron' AS person_id
MATCH (person:Person {tenant: tenant, id: person_id})-[has:HAS_IDENTITY]->(i:Identity)
WHERE has.first_seen <= datetime() AND coalesce(has.valid_until > datetime(), true)
WITH DISTINCT person, i
ORDER BY i.id
LIMIT 10
MATCH whose = (person)-[:HAS_IDENTITY]->(i)
OPTIONAL MATCH granted = (i)-[:GAVE]->(:Consent)
OPTIONAL MATCH login = (i)<-[used:USED_BY]-(:Account)
WHERE used.first_seen <= datetime() AND coalesce(used.valid_until > datetime(), true)
RETURN whose, granted, login
LIMIT 100
