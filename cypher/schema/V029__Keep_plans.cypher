// Plans, and who is contacted by them (docs/plans.md).
CREATE CONSTRAINT plan_key IF NOT EXISTS FOR (n:Plan) REQUIRE (n.tenant, n.id) IS UNIQUE;
