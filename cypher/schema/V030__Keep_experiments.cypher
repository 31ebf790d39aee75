// Experiments by id, what was counted of them, and the decisions that took part (docs/experiments.md).
CREATE CONSTRAINT experiment_key IF NOT EXISTS FOR (n:Experiment) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT experiment_count_key IF NOT EXISTS FOR (n:ExperimentCount) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE INDEX decision_experiment IF NOT EXISTS FOR (n:Decision) ON (n.tenant, n.experiment);
