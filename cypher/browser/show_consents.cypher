// One person, several identities, and what each of them has been granted.
// look for: every consent hangs on one identity and on no other: the marketing address may be mailed and advertised
//           to, the personal one may not; each profile answers for itself; the person has no consent at all.
// adapt:    another tenant or person in the first line, e.g. nora, who changed her mind: both records stay.
// needs:    identities of a person (ingest/upsert_identities), consents (consents/record_consents)
WITH 'demo' AS tenant, 'aaron' AS person_id
MATCH whose = (person:Person {tenant: tenant, id: person_id})-[:HAS_IDENTITY]->(i:Identity)
WITH whose, i
ORDER BY i.id
LIMIT 10
OPTIONAL MATCH granted = (i)-[:GAVE]->(:Consent)
OPTIONAL MATCH login = (i)<-[:USED_BY]-(:Account)
RETURN whose, granted, login
LIMIT 100
