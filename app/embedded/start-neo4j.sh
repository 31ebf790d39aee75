#!/usr/bin/env bash
# Starts Neo4j in its container with the Graph Data Science plugin of the volume; fetches that only when it is not there.
# Without it the database stays down, unhealthy, and says so: starting over and over would fetch nothing either.
set -u

start=${NEO4J_START:-/startup/docker-entrypoint.sh}
plugins=${NEO4J_PLUGIN_FOLDER:-/plugins}

has_plugin() { compgen -G "$plugins/*graph-data-science*.jar" >/dev/null; }

if has_plugin; then
  unset NEO4J_PLUGINS  # the image would look for a newer one on the network
  exec "$start" neo4j
fi

"$start" neo4j &
child=$!
stopped=
trap 'stopped=1; kill -TERM "$child" 2>/dev/null' TERM INT
wait "$child"
code=$?
# A signal ends the wait with its own code; the child's is there to be asked for again, also when it has ended by now.
while [ -n "$stopped" ]; do
  stopped=
  wait "$child"
  code=$?
done
has_plugin && exit "$code"

sleep infinity >/dev/null 2>&1 &
trap 'kill $!; exit 0' TERM INT
echo "The Graph Data Science plugin is not in the volume 'plugins' and could not be fetched: start once with a network," \
  "or put the jar for this Neo4j there; then 'docker compose restart neo4j'." >&2
wait
