// Dokploy's own OpenAPI document judges what iac.dokploy asks for.
// Usage: node dokploy.mjs OPENAPI.json REQUESTS.json    [{"method", "path", "body"}, ...]
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
const [document, requests] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")));
assert.ok(requests.length > 0, "there is nothing to judge");

function fits(schema, value, what) {
    const validate = ajv.compile(schema);
    assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
}

const asked = new Set();
for (const { method, path, body } of requests) {
    const url = new URL(path, "http://dokploy");
    const procedure = url.pathname.replace(/^\/api/, "");
    const what = `${method} ${procedure}`;
    const operation = document.paths[procedure]?.[method.toLowerCase()];
    assert.ok(operation, `there is no ${what}`);
    asked.add(what);
    const described = operation.parameters ?? [];
    for (const [name, text] of url.searchParams) {
        const parameter = described.find((one) => one.in === "query" && one.name === name);
        assert.ok(parameter, `${what} has no parameter ${name}`);
        fits(parameter.schema, parameter.schema.type === "integer" ? Number(text) : text, `${what} ${name}`);
    }
    for (const parameter of described)
        if (parameter.required) assert.ok(url.searchParams.has(parameter.name), `${what} needs ${parameter.name}`);
    // A member that is not described is dropped by Dokploy without a word.
    const schema = operation.requestBody?.content["application/json"].schema;
    assert.equal(Boolean(body), Boolean(schema), `${what}: a body where there is none, or none where there is one`);
    if (schema) fits({ ...schema, additionalProperties: false }, JSON.parse(body), what);
}
console.log(`Dokploy's description takes ${requests.length} requests of ${asked.size} procedures`);
