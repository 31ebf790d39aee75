// A session's events are read at once; old decisions are found by their time.
CREATE INDEX interaction_session IF NOT EXISTS FOR (n:Interaction) ON (n.tenant, n.session_id);
CREATE INDEX decision_at IF NOT EXISTS FOR (n:Decision) ON (n.tenant, n.at);
