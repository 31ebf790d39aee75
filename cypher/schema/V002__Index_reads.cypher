// What serving and clean-up look up beside the keys: session events, old decisions, the active run, tags by name.
CREATE INDEX interaction_session IF NOT EXISTS FOR (n:Interaction) ON (n.tenant, n.session_id);
CREATE INDEX decision_at IF NOT EXISTS FOR (n:Decision) ON (n.tenant, n.at);
CREATE INDEX run_active IF NOT EXISTS FOR (n:Run) ON (n.tenant, n.active);
CREATE INDEX tag_name IF NOT EXISTS FOR (n:Tag) ON (n.tenant, n.name);
