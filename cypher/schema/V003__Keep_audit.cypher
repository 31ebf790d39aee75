// The audit log: one node an entry, unique by tenant and sequence.
CREATE CONSTRAINT audit_entry_key IF NOT EXISTS FOR (n:AuditEntry) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE INDEX audit_sequence IF NOT EXISTS FOR (n:AuditEntry) ON (n.tenant, n.sequence);
