// Every label is unique by (tenant, id): the key of every MERGE, and the wall between tenants.
CREATE CONSTRAINT person_key IF NOT EXISTS FOR (n:Person) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT identity_key IF NOT EXISTS FOR (n:Identity) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT account_key IF NOT EXISTS FOR (n:Account) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT household_key IF NOT EXISTS FOR (n:Household) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT identifier_key IF NOT EXISTS FOR (n:Identifier) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT consent_key IF NOT EXISTS FOR (n:Consent) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT interaction_key IF NOT EXISTS FOR (n:Interaction) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT product_key IF NOT EXISTS FOR (n:Product) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT brand_key IF NOT EXISTS FOR (n:Brand) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT tag_key IF NOT EXISTS FOR (n:Tag) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT run_key IF NOT EXISTS FOR (n:Run) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT decision_key IF NOT EXISTS FOR (n:Decision) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT api_key_key IF NOT EXISTS FOR (n:ApiKey) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT tenant_key IF NOT EXISTS FOR (n:Tenant) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT migration_key IF NOT EXISTS FOR (n:Migration) REQUIRE (n.tenant, n.id) IS UNIQUE;
