// The library that receivers use judges our signatures.
// Usage: node webhook.mjs DELIVERIES.json    [{"secret", "headers", "body"}, ...]
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const deliveries = JSON.parse(readFileSync(process.argv[2], "utf8"));
assert.ok(deliveries.length > 0, "there is nothing to judge");
for (const { secret, headers, body } of deliveries) {
    const receiver = new Webhook(secret);
    assert.equal(receiver.verify(body, headers).type, JSON.parse(body).type);
    assert.throws(() => receiver.verify(body + " ", headers), WebhookVerificationError);
}
console.log(`standardwebhooks verifies ${deliveries.length} deliveries`);
