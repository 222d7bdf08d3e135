// GitHub's own OpenAPI description judges what was asked, and what our fake answered.
// Usage: node github.mjs EXCHANGES.json    [{"method", "path", "body", "status", "answer"}, ...]
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const require = createRequire(import.meta.url);
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
const exchanges = JSON.parse(readFileSync(process.argv[2], "utf8"));
assert.ok(exchanges.length > 0, "there is nothing to judge");

// "/repos/octo/infra/statuses/8f3c..." -> the operation of "/repos/{owner}/{repo}/statuses/{sha}"
function operation(description, method, path) {
    for (const [template, operations] of Object.entries(description.paths)) {
        const form = new RegExp("^" + template.replace(/[.]/g, "\\.").replace(/\{[^}]+\}/g, "[^/]+") + "$");
        if (form.test(path) && operations[method.toLowerCase()]) return operations[method.toLowerCase()];
    }
    assert.fail(`there is no ${method} ${path}`);
}
function fits(schema, value, what) {
    const validate = ajv.compile(schema);
    assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
}

for (const name of ["api.github.com", "ghes-3.17"]) {
    const description = require(`@octokit/openapi/generated/${name}.deref.json`);
    for (const { method, path, body, status, answer } of exchanges) {
        const what = `${name}: ${method} ${path}`;
        const found = operation(description, method, path);
        // A member that is not described would be dropped without a word.
        if (body) fits({ ...found.requestBody.content["application/json"].schema, additionalProperties: false }, JSON.parse(body), what);
        const described = found.responses[status]?.content?.["application/json"]?.schema;
        if (described && status >= 400) fits(described, JSON.parse(answer), `${what} answered ${status}`);
    }
}
console.log(`GitHub's description takes ${exchanges.length} requests`);
