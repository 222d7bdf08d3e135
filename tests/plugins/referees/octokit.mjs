// GitHub's own example payloads, and pushes made of them, sent to the real runner with octokit's signatures.
// Usage: node octokit.mjs RUNNER INFRASTRUCTURE    (the binary, tests/fixtures/infrastructure)
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { sign } from "@octokit/webhooks-methods";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { secret, withRunner } from "./runner.mjs";

const require = createRequire(import.meta.url);
const events = require("@octokit/webhooks-examples");
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema(require("@octokit/webhooks-schemas"), "github");
const isPush = ajv.compile({ $ref: "github#/definitions/push$event" });


const [binary, fixture] = process.argv.slice(2);
const branch = "master"; // as in the examples
const longestAnswer = 10_000; // ms: then GitHub hangs up; how fast it is, with no sanitizer, tests/bench says

async function send(runner, event, payload, { key = secret, delivery = randomUUID() } = {}) {
    const body = JSON.stringify(payload);
    const headers = { "Content-Type": "application/json", "X-GitHub-Event": event, "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": await sign(key, body) };
    const began = performance.now();
    const answer = await fetch(runner.url + "/webhook", { method: "POST", headers, body });
    const text = await answer.text();
    const took = performance.now() - began;
    const shown = `${event} ${payload.action ?? payload.ref ?? ""}: ${answer.status} ${text}`;
    assert.ok(took < longestAnswer, `answered after ${took.toFixed(0)} ms: ${shown}`);
    return { status: answer.status, body: JSON.parse(text), took, shown };
}

// What was sent, by verdict.
class Table {
    rows = new Map();
    add(verdict, event, { took }) {
        const row = this.rows.get(verdict) ?? { payloads: 0, events: new Set(), slowest: 0, of: "" };
        row.payloads++;
        row.events.add(event);
        if (took > row.slowest) Object.assign(row, { slowest: took, of: event });
        this.rows.set(verdict, row);
    }
    print(title) {
        console.log(`${title}\n  ${"verdict".padEnd(12)}payloads  events  slowest answer`);
        for (const [verdict, { payloads, events, slowest, of }] of this.rows)
            console.log(`  ${verdict.padEnd(12)}${String(payloads).padStart(8)}${String(events.size).padStart(8)}  ${slowest.toFixed(0)} ms (${of})`);
    }
    get payloads() { return [...this.rows.values()].reduce((sum, row) => sum + row.payloads, 0); }
}

function rightVerdict(event, payload) {
    if (event === "ping") return "pong";
    return event === "push" && payload.ref === `refs/heads/${branch}` && !payload.deleted ? "accepted" : "ignored";
}

async function everyExample(runner) {
    const table = new Table();
    for (const { name, examples } of events) {
        for (const payload of examples) {
            const answer = await send(runner, name, payload);
            const verdict = rightVerdict(name, payload);
            assert.equal(answer.body.status, verdict, answer.shown);
            assert.equal(answer.status, verdict === "accepted" ? 202 : 200, answer.shown);
            if (verdict === "ignored") assert.ok(answer.body.reason, answer.shown);
            table.add(verdict, name, answer);
        }
    }
    table.print(`${table.payloads} example payloads of ${events.length} events`);
    assert.ok(table.payloads >= 329 && table.rows.get("accepted").payloads > 0, "examples are missing");
}

async function wrongSecret(runner) {
    const before = await runner.get("/events");
    let refused = 0;
    for (const { name, examples: [payload] } of events) {
        const answer = await send(runner, name, payload, { key: secret + "!" });
        assert.equal(answer.status, 401, answer.shown);
        refused++;
    }
    assert.equal(await runner.get("/events"), before, "what was refused left something");
    console.log(`  ${refused} of them signed with another secret: 401, nothing kept`);
}

const example = events.find(({ name }) => name === "push").examples.findLast((push) => push.commits.length > 0);
assert.ok(isPush(example), ajv.errorsText(isPush.errors));

// What GitHub says of the commits after `before`, in the shape of its own example.
function pushOf(repository, before, ref = `refs/heads/${branch}`) {
    const commits = repository.git("rev-list", "--reverse", `${before}..HEAD`).split("\n").map((id) => {
        // With -z git quotes no name: letter, path, letter, path ...
        const files = repository.git("diff-tree", "-r", "-z", "--no-commit-id", "--name-status", "--no-renames", id).split("\0");
        const of = (letter) => files.filter((_, at) => at % 2 === 1 && files[at - 1] === letter);
        const [tree_id, timestamp, ...message] = repository.git("log", "-1", "--format=%T%n%cI%n%B", id).split("\n");
        const url = `${example.repository.html_url}/commit/${id}`;
        return { ...example.commits[0], id, tree_id, timestamp, url, message: message.join("\n"),
            added: of("A"), removed: of("D"), modified: of("M") };
    });
    const head = commits.at(-1);
    const compare = `${example.repository.html_url}/compare/${before.slice(0, 12)}...${head.id.slice(0, 12)}`;
    const push = { ...example, ref, before, after: head.id, created: false, forced: false, compare, commits, head_commit: head };
    assert.ok(isPush(push), ajv.errorsText(isPush.errors));
    return push;
}

// Each push: its commits, each with what it writes (null: removes), and the services that it has to deploy.
const pushes = [
    { says: "two services in three commits", deploys: ["postgres", "redis"], commits: [
        { "platform/01.postgres/compose.yaml": "shared_buffers: 1GB\n" },
        { "platform/02.redis/values.env": "MAXMEMORY=1g\n", "README.md": "What runs here\n" },
        { "platform/02.redis/values.env": "MAXMEMORY=2g\n" }] },
    { says: "a new service, mended at once", deploys: ["grafana"], commits: [
        { "platform/20.grafana/deploy.py": "import nowhere\n" },
        { "platform/20.grafana/deploy.py": "from invoke import task\nfrom libs.common import deploy\n\n\n" +
            "@task\ndef sync(c):\n    deploy(\"grafana\")\n" }] },
    { says: "a removed file, and one deployed by hand", deploys: ["minio"], commits: [
        { "platform/10.minio/compose.yaml": null }, { "bootstrap/05.vault/compose.yaml": "services: {}\n" }] },
    { says: "names with spaces and umlauts", deploys: ["redis"], commits: [
        { "platform/02.redis/Größe und \"Maß\".txt": "1\n" }, { "docs/a b.md": "1\n" }] },
    { says: "what all share", deploys: ["postgres", "redis", "minio", "grafana"], commits: [
        { "libs/more.py": "more = True\n" }, { "libs/more.py": null, "libs/less.py": "less = True\n" }] },
    { says: "nothing of a service", deploys: [], commits: [
        { "README.md": "What runs here, and why\n" }, { "docs/more.md": "1\n" }] },
];

function commitAll(repository, commits) {
    for (const [at, files] of commits.entries()) {
        for (const [path, text] of Object.entries(files))
            text === null ? repository.remove(path) : repository.write(path, text);
        repository.commit(`Change ${at + 1}\n\n${Object.keys(files).join(", ")}`);
    }
}

async function deployed(runner, push, answer, services) {
    const end = await runner.endedDeployment(answer.body.deployment_id);
    const shown = JSON.stringify(end, null, 1);
    assert.equal(end.status, "success", shown);
    assert.equal(end.revision, push.after, shown);
    assert.equal(end.subject, push.head_commit.message.split("\n")[0], shown);
    assert.deepEqual(end.steps.map(({ service, status }) => `${service} ${status}`),
        services.map((service) => `platform/${service} changed`), shown);
    for (const service of services)
        assert.ok(end.printed.includes(`${service}: ${push.after} to staging`), shown);
}

async function everyPush(runner, repository) {
    console.log(`${pushes.length} pushes made of the example, each valid by the schema of push`);
    let before = repository.git("rev-parse", "HEAD");
    for (const { says, commits, deploys } of pushes) {
        commitAll(repository, commits);
        const push = pushOf(repository, before), delivery = randomUUID();
        before = push.after;
        const answer = await send(runner, "push", push, { delivery });
        assert.equal(answer.body.status, deploys.length > 0 ? "accepted" : "no_changes", answer.shown);
        assert.equal(answer.status, deploys.length > 0 ? 202 : 200, answer.shown);
        if (deploys.length > 0) await deployed(runner, push, answer, deploys);
        // GitHub's "Redeliver" button.
        const again = await send(runner, "push", push, { delivery });
        assert.equal(again.body.deployment_id, answer.body.deployment_id, again.shown);
        console.log(`  ${says}: ${answer.body.status} in ${answer.took.toFixed(0)} ms, deployed ${deploys.join(", ") || "nothing"}`);
    }
    await ordinaryPushesThatDeployNothing(runner, repository, before);
    const { deployments } = JSON.parse(await runner.get("/deployments"));
    assert.equal(deployments.length, pushes.filter(({ deploys }) => deploys.length > 0).length, "more was deployed");
}

async function ordinaryPushesThatDeployNothing(runner, repository, before) {
    repository.write("platform/02.redis/values.env", "MAXMEMORY=3g\n");
    repository.commit("Later\n\n[skip ci]");
    for (const ref of [`refs/heads/${branch}`, "refs/heads/topic", "refs/tags/v1.0.0"]) {
        const answer = await send(runner, "push", pushOf(repository, before, ref));
        assert.equal(answer.body.status, "ignored", answer.shown);
        console.log(`  ignored: ${answer.body.reason}`);
    }
}

await withRunner(binary, fixture, branch, async (runner) => {
    await everyExample(runner);
    await wrongSecret(runner);
});
await withRunner(binary, fixture, branch, everyPush);
