#!/usr/bin/env bash
# openapi-fetch 0.17.0 (openapi-typescript 7.13.0, TypeScript 5.9.3, strict): a misspelt optional field of a body compiles, at the top
# and deeper, although the document says additionalProperties: false. One would expect the typed client to refuse it: the same object
# assigned to the generated type is refused (TS2561).
# Seen: exit code 0 for {limti: 3} and {rules: [{feild: "brand"}]} as bodies, TS2561 for the plain assignment.
# Runs without Plural. Fails when this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module", "private": true}' >package.json
npm install --silent --no-package-lock --no-audit --no-fund openapi-fetch@0.17.0 openapi-typescript@7.13.0 typescript@5.9.3
cat >api.json <<'JSON'
{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/ask": {"post": {
  "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Question"}}}},
  "responses": {"200": {"description": "ok"}}}}},
 "components": {"schemas": {
  "Rule": {"type": "object", "properties": {"field": {"type": "string"}}, "additionalProperties": false},
  "Question": {"type": "object", "additionalProperties": false, "properties": {
    "limit": {"type": "integer"}, "rules": {"type": "array", "items": {"$ref": "#/components/schemas/Rule"}}}}}}}
JSON
npx openapi-typescript api.json -o api.d.ts >/dev/null 2>&1
compiles() { npx tsc --strict --noEmit --skipLibCheck --lib es2022,dom --module nodenext --target es2022 "$1"; }
head='import createClient from "openapi-fetch"; import type { paths, components } from "./api.js"; const client = createClient<paths>({});'
echo "$head"'await client.POST("/ask", { body: { limti: 3 } });' >top.ts
echo "$head"'await client.POST("/ask", { body: { rules: [{ feild: "brand" }] } });' >nested.ts
echo "$head"'export const question: components["schemas"]["Question"] = { limti: 3 };' >plain.ts
compiles top.ts && echo "top level: compiles"
compiles nested.ts && echo "nested: compiles"
if compiles plain.ts >plain.txt; then echo "plain: compiles, which is new"; exit 1; else grep -o TS2561 plain.txt; fi
