// A real runner for a referee: over a copy of tests/fixtures/infrastructure in a git repository of its own, on a
// loopback port. Its configuration says what tests/end_to_end/world.cpp says.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { sign } from "@octokit/webhooks-methods";

const environment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/tmp", LANG: "C.UTF-8" };
const author = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_AUTHOR_NAME: "Ada", GIT_AUTHOR_EMAIL: "ada@example.com",
    GIT_COMMITTER_NAME: "Ada", GIT_COMMITTER_EMAIL: "ada@example.com" };

export const secret = "It's a Secret to Everybody";

const configuration = (repository, branch) => `
server: { listen: "127.0.0.1:0", secret: "${secret}" }
data: ./data
repository: { url: ${repository}, branch: ${branch} }
environments:
  staging: { variables: { DEPLOY_ENV: staging } }
services:
  - { discover: "platform/{order}.{name}/deploy.py", id: "platform/{name}", executor: invoke, with: { task: "{name}.sync" } }
triggers:
  github: { plugin: iac.github, environment: staging, with: { secret: "${secret}" } }
mappers:
  - plugin: iac.path-rules
    with:
      rules:
        - { path: "bootstrap/**", skip: "deployed by hand" }
        - { path: "platform/*.{name}/**", service: "platform/{name}" }
        - { path: "libs/**", service: "platform/*" }
executors:
  invoke: { plugin: iac.invoke, timeout: 60s }
notifiers:
  - plugin: iac.log
`;

class Repository {
    constructor(folder, fixture, branch) {
        this.folder = folder;
        cpSync(fixture, folder, { recursive: true });
        this.git("init", "--quiet", `--initial-branch=${branch}`);
        this.commit("Begin");
    }
    git(...command) {
        return execFileSync("git", command, { cwd: this.folder, env: { ...environment, ...author }, encoding: "utf8" }).trim();
    }
    commit(message) {
        this.git("add", "--all");
        this.git("commit", "--quiet", "--message", message);
        return this.git("rev-parse", "HEAD");
    }
    write(path, text) {
        mkdirSync(dirname(join(this.folder, path)), { recursive: true });
        writeFileSync(join(this.folder, path), text);
    }
    remove(path) { rmSync(join(this.folder, path)); }
}

class Runner {
    log = "";
    constructor(binary, folder, configurationText) {
        writeFileSync(join(folder, "iac-runner.yaml"), configurationText);
        this.child = spawn(binary, ["serve", "--config", join(folder, "iac-runner.yaml")],
            { cwd: folder, env: environment, stdio: ["ignore", "inherit", "pipe"] });
        this.ended = once(this.child, "close");
        // Nothing that ends this script leaves the runner behind.
        process.on("exit", () => this.child.kill("SIGKILL"));
        this.lines = createInterface({ input: this.child.stderr });
        this.lines.on("line", (line) => { this.log += line + "\n"; });
    }
    /// Resolves when the log has a line with each of the texts.
    logged(...texts) {
        return new Promise((resolve, reject) => {
            const look = () => texts.every((text) => this.log.includes(text)) && resolve();
            this.lines.on("line", look);
            this.lines.on("close", () => reject(new Error(`the runner never said ${texts}:\n${this.log}`)));
            look();
        });
    }
    async listen() {
        // The first catalogue too: before it nobody can say what a push touches.
        await this.logged("listening on 127.0.0.1:", "services at");
        this.url = "http://" + this.log.match(/listening on (127\.0\.0\.1:\d+)/)[1];
        return this;
    }
    /// A GET, signed with a timestamp and a nonce.
    async get(path) {
        const timestamp = String(Math.floor(Date.now() / 1000)), nonce = randomUUID();
        const answer = await fetch(this.url + path, { headers: {
            "X-IAC-Timestamp": timestamp, "X-IAC-Nonce": nonce,
            "X-Hub-Signature-256": await sign(secret, `${timestamp}.${nonce}.GET ${path}.`) } });
        const text = await answer.text();
        assert.equal(answer.status, 200, `GET ${path}: ${text}`);
        return text;
    }
    /// A deployment with what it printed, once it has ended: its log is open until then.
    async endedDeployment(id) {
        const printed = await this.get(`/deployments/${id}/log?follow=1`);
        return { ...JSON.parse(await this.get(`/deployments/${id}`)), printed };
    }
    async stop() {
        this.child.kill("SIGTERM");
        const [code] = await this.ended;
        assert.equal(code, 0, this.log);
        assert.doesNotMatch(this.log, /Sanitizer|runtime error:/);
    }
}

/// Calls `use` with a runner that listens and its repository; both are gone afterwards.
export async function withRunner(binary, fixture, branch, use) {
    const folder = mkdtempSync(join(tmpdir(), "iac-referee-"));
    try {
        const repository = new Repository(join(folder, "infrastructure"), fixture, branch);
        const runner = new Runner(binary, folder, configuration(repository.folder, branch));
        try {
            await use(await runner.listen(), repository);
            await runner.stop();
        } catch (error) {
            console.error(runner.log);
            throw error;
        } finally {
            runner.child.kill("SIGKILL");
            await runner.ended;
        }
    } finally {
        rmSync(folder, { recursive: true });
    }
}
