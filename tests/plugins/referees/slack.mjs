// Slack's own clients judge our fake Slack: what it answers has to be what they expect of Slack.
// Usage: node slack.mjs '{"api": URL, "token": ..., "channel": ..., ...}'
import assert from "node:assert/strict";
import { ErrorCode, LogLevel, WebClient } from "@slack/web-api";
import { IncomingWebhook } from "@slack/webhook";

const fake = JSON.parse(process.argv[2]);
const client = (token) => new WebClient(token, {
    slackApiUrl: fake.api + "/", retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logLevel: LogLevel.ERROR });
const slack = client(fake.token);
const blocks = [{ type: "header", text: { type: "plain_text", text: "A title", emoji: false } }];

async function refusal(call) {
    try {
        await call();
    } catch (error) {
        return error;
    }
    assert.fail("it was taken");
}
async function named(error, call) {
    const refused = await refusal(call);
    assert.equal(refused.code, ErrorCode.PlatformError);
    assert.equal(refused.data.error, error);
    return refused;
}

assert.equal((await slack.auth.test()).ok, true);
const posted = await slack.chat.postMessage({ channel: fake.channel, text: "first", blocks });
assert.equal(posted.channel, fake.channel);
assert.equal(typeof posted.ts, "string");
const updated = await slack.chat.update({ channel: posted.channel, ts: posted.ts, text: "second", blocks });
assert.equal(updated.ts, posted.ts);
const reply = await slack.chat.postMessage({ channel: fake.channel, text: "reply", thread_ts: posted.ts, reply_broadcast: true });
assert.notEqual(reply.ts, posted.ts);

await named("channel_not_found", () => slack.chat.postMessage({ channel: "C0NOWHERE", text: "x" }));
await named("is_archived", () => slack.chat.postMessage({ channel: fake.archived, text: "x" }));
await named("not_in_channel", () => slack.chat.postMessage({ channel: fake.not_in, text: "x" }));
await named("message_not_found", () => slack.chat.update({ channel: fake.channel, ts: "1.000001", text: "x" }));
await named("invalid_auth", () => client("xoxb-wrong").chat.postMessage({ channel: fake.channel, text: "x" }));
await named("not_authed", () => client().chat.postMessage({ channel: fake.channel, text: "x" }));
const long = [{ type: "header", text: { type: "plain_text", text: "x".repeat(151) } }];
const refused = await named("invalid_blocks", () => slack.chat.postMessage({ channel: fake.channel, text: "x", blocks: long }));
assert.equal(refused.data.response_metadata.messages.length, 1);
const busy = await refusal(() => slack.chat.postMessage({ channel: fake.busy, text: "x" }));
assert.equal(busy.code, ErrorCode.RateLimitedError);
assert.equal(busy.retryAfter, 30);

const hook = (path) => new IncomingWebhook(new URL(fake.api).origin + path);
assert.equal((await hook(fake.hook).send({ text: "x", blocks })).text, "ok");
for (const [path, status, said] of [["/services/T/B/wrong", 404, "no_service"], [fake.archived_hook, 410, "channel_is_archived"]]) {
    const error = await refusal(() => hook(path).send({ text: "x" }));
    assert.equal(error.original.response.status, status);
    assert.equal(error.original.response.data, said);
}
console.log("Slack's clients understand the fake");
