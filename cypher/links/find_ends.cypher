// Whether there are such a person and such a household.
// params:  tenant STRING, person_id STRING or NULL, household_id STRING or NULL
// returns: person BOOLEAN, household BOOLEAN; one row
// needs:   nothing
RETURN
  EXISTS { (:Person {tenant: $tenant, id: $person_id}) } AS person,
  EXISTS { (:Household {tenant: $tenant, id: $household_id}) } AS household
