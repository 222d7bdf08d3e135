// The settings as JSON Schema: what `iac-runner plugins show iac.dokploy` prints, and what is
// checked.
#pragma once

namespace iac::dokploy {

/// Of the executor (`with` in `executors`).
inline constexpr const char* kServerSchema = R"({
    "type": "object", "required": ["url", "key"], "additionalProperties": false,
    "properties": {
        "url": {
            "type": "string", "pattern": "^https?://[^/?#@]+",
            "description": "Where Dokploy is, with or without /api.",
            "examples": ["https://dokploy.example.com"]},
        "key": {
            "type": "string", "minLength": 1, "writeOnly": true,
            "description": "An API key without a rate limit: Settings, Profile, API/CLI Keys.",
            "examples": ["example"]},
        "project": {
            "type": "string", "default": "",
            "description": "The Dokploy project of services that name none."},
        "environments": {
            "type": "object", "default": {}, "additionalProperties": {"type": "string", "minLength": 1},
            "description": "Our environments by Dokploy's names, where they differ.",
            "examples": [{"live": "production"}]},
        "auto_deploy": {
            "enum": ["report", "off"], "default": "report",
            "description": "Dokploy's own Autodeploy on a service of ours: say so, or switch it off."},
        "deadline": {
            "type": "integer", "minimum": 1, "maximum": 86400, "default": 540,
            "description": "Seconds a deployment may take in Dokploy; less than the executor's timeout."},
        "patience": {
            "type": "integer", "minimum": 0, "maximum": 3600, "default": 60,
            "description": "Seconds Dokploy may be away before the step is given up."},
        "appear": {
            "type": "integer", "minimum": 1, "maximum": 3600, "default": 30,
            "description": "Seconds until a deployment that is seen nowhere counts as lost."},
        "poll": {
            "type": "number", "minimum": 0.05, "maximum": 60, "default": 2,
            "description": "Seconds between two looks at a deployment."}}})";

/// Of a service (`with` in `services`).
inline constexpr const char* kServiceSchema = R"({
    "type": "object", "additionalProperties": false,
    "properties": {
        "type": {
            "enum": ["compose", "application"], "default": "compose",
            "description": "What it is in Dokploy."},
        "id": {
            "type": "string", "default": "",
            "description": "Its composeId or applicationId, instead of the three names."},
        "project": {
            "type": "string", "default": "",
            "description": "Its Dokploy project; the executor's `project` when it says none."},
        "environment": {
            "type": "string", "default": "",
            "description": "Its Dokploy environment, where `environments` of the executor does not say."},
        "name": {
            "type": "string", "default": "",
            "description": "Its name in Dokploy; the short name of the service when it says none."},
        "source": {
            "enum": ["runner", "dokploy"], "default": "runner",
            "description": "Who brings the compose file: the runner sends it, or Dokploy fetches it."},
        "file": {
            "type": "string", "default": "",
            "description": "The compose file, from the top of the work tree.",
            "examples": ["platform/01.postgres/compose.yaml"]},
        "files": {
            "type": "array", "items": {"type": "string", "minLength": 1}, "default": [],
            "description": "Further files and folders that belong to its configuration."},
        "variables": {
            "type": "object", "default": {},
            "additionalProperties": {"type": ["string", "number", "boolean"]},
            "description": "Its environment in Dokploy, beside what it inherits."},
        "inherit": {
            "type": "boolean", "default": true,
            "description": "The variables of the environment and the service's secrets belong to it."},
        "create": {
            "type": "boolean", "default": false,
            "description": "Create project, environment and compose service where they are missing."},
        "force": {
            "type": "boolean", "default": false,
            "description": "Deploy also when nothing has changed."},
        "verify": {
            "type": "object", "additionalProperties": false,
            "description": "How to see that what was deployed works.",
            "properties": {
                "url": {
                    "type": "string", "pattern": "^https?://[^/?#@]+",
                    "description": "Has to answer with `status`.",
                    "examples": ["https://web.example.com/health"]},
                "status": {
                    "type": "integer", "minimum": 100, "maximum": 599, "default": 200,
                    "description": "The status that is expected of `url`."},
                "containers": {
                    "type": "boolean", "default": false,
                    "description": "All containers have to run, as Dokploy reports them."},
                "within": {
                    "type": "integer", "minimum": 1, "maximum": 3600, "default": 60,
                    "description": "Seconds after the deployment."}}}}})";

}  // namespace iac::dokploy
