#include "history/migrations.hpp"

#include <array>
#include <span>

#include "base/failpoint.hpp"

namespace iac::history {
namespace {

struct Migration {
    std::int64_t version;
    std::string_view name;
    std::span<const std::string_view> statements;
};

// INTEGER PRIMARY KEY and not BIGINT: only so is the id the row's place in SQLite, without a second
// tree. Two thousand million rows are enough.
constexpr std::array kFirstSchema = std::to_array<std::string_view>({
    "CREATE TABLE events (id INTEGER PRIMARY KEY, received_at BIGINT NOT NULL, "
    "trigger_name TEXT NOT NULL, kind TEXT NOT NULL, delivery TEXT NOT NULL, "
    "body_digest TEXT NOT NULL, environment TEXT NOT NULL, ref TEXT NOT NULL, tag TEXT NOT NULL, "
    "revision TEXT NOT NULL, before_revision TEXT NOT NULL, paths TEXT NOT NULL, "
    "paths_complete INTEGER NOT NULL, services TEXT NOT NULL, triggered_by TEXT NOT NULL, "
    "subject TEXT NOT NULL, dry_run INTEGER NOT NULL, deployment BIGINT NOT NULL, "
    "reason TEXT NOT NULL)",
    "CREATE UNIQUE INDEX events_delivery ON events (trigger_name, delivery) WHERE delivery <> ''",
    "CREATE INDEX events_digest ON events (trigger_name, body_digest, id) WHERE kind = 'change'",

    "CREATE TABLE deployments (id INTEGER PRIMARY KEY, "
    "event BIGINT NOT NULL REFERENCES events (id), kind TEXT NOT NULL, state TEXT NOT NULL, "
    "environment TEXT NOT NULL, trigger_name TEXT NOT NULL, triggered_by TEXT NOT NULL, "
    "subject TEXT NOT NULL, ref TEXT NOT NULL, tag TEXT NOT NULL, revision TEXT NOT NULL, "
    "before_revision TEXT NOT NULL, paths TEXT NOT NULL, paths_complete INTEGER NOT NULL, "
    "taken_over TEXT NOT NULL, services TEXT NOT NULL, dry_run INTEGER NOT NULL, plan TEXT NOT "
    "NULL, "
    "created_at BIGINT NOT NULL, started_at BIGINT, finished_at BIGINT, "
    "error_kind TEXT NOT NULL DEFAULT '', error_summary TEXT NOT NULL DEFAULT '', "
    "next_action TEXT NOT NULL DEFAULT '', superseded_by BIGINT NOT NULL DEFAULT 0, "
    "retry_of BIGINT NOT NULL DEFAULT 0, rollback_of BIGINT NOT NULL DEFAULT 0, "
    "open_key TEXT NOT NULL)",
    "CREATE INDEX deployments_environment ON deployments (environment, id)",
    "CREATE INDEX deployments_trigger ON deployments (trigger_name, id)",
    "CREATE INDEX deployments_triggered_by ON deployments (triggered_by, id)",
    "CREATE INDEX deployments_ref ON deployments (ref, id)",
    "CREATE INDEX deployments_revision ON deployments (revision, id)",
    "CREATE INDEX deployments_state ON deployments (state, id)",
    "CREATE INDEX deployments_created_at ON deployments (created_at, id)",
    "CREATE INDEX deployments_event ON deployments (event)",
    "CREATE INDEX deployments_queued ON deployments (environment, id) WHERE state = 'queued'",
    "CREATE INDEX deployments_waiting_change ON deployments (environment, id) "
    "WHERE state = 'queued' AND kind = 'change'",
    "CREATE INDEX deployments_open_key ON deployments (open_key) WHERE open_key <> ''",

    "CREATE TABLE steps (id INTEGER PRIMARY KEY, "
    "deployment BIGINT NOT NULL REFERENCES deployments (id), position INTEGER NOT NULL, "
    "service TEXT NOT NULL, executor TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL, "
    "started_at BIGINT, finished_at BIGINT, summary TEXT NOT NULL DEFAULT '', "
    "error_kind TEXT NOT NULL DEFAULT '', error_summary TEXT NOT NULL DEFAULT '', "
    "next_action TEXT NOT NULL DEFAULT '', config_hash TEXT NOT NULL DEFAULT '', "
    "UNIQUE (deployment, service))",
    "CREATE INDEX steps_service ON steps (service, deployment)",

    "CREATE TABLE attempts (step BIGINT NOT NULL REFERENCES steps (id), number INTEGER NOT NULL, "
    "state TEXT NOT NULL, started_at BIGINT, finished_at BIGINT, exit_code INTEGER, "
    "message TEXT NOT NULL DEFAULT '', crashed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (step, "
    "number))",

    "CREATE TABLE targets (environment TEXT NOT NULL, service TEXT NOT NULL, "
    "last_good_revision TEXT NOT NULL DEFAULT '', last_good_deployment BIGINT NOT NULL DEFAULT 0, "
    "last_outcome TEXT NOT NULL, last_deployment BIGINT NOT NULL, updated_at BIGINT NOT NULL, "
    "PRIMARY KEY (environment, service))",

    "CREATE TABLE nonces (nonce TEXT PRIMARY KEY, expires_at BIGINT NOT NULL)",
    "CREATE INDEX nonces_expires_at ON nonces (expires_at)",

    "CREATE TABLE outbox (id INTEGER PRIMARY KEY, "
    "deployment BIGINT NOT NULL REFERENCES deployments (id), notifier TEXT NOT NULL, "
    "event TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at BIGINT NOT NULL, "
    "given_up INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX outbox_next_at ON outbox (given_up, next_at)",
    "CREATE INDEX outbox_deployment ON outbox (deployment, notifier, id)",
});

constexpr std::array kSecondSchema = std::to_array<std::string_view>({
    "ALTER TABLE deployments ADD COLUMN cancel_requested_by TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX deployments_running ON deployments (id) WHERE state = 'running'",

    "CREATE INDEX events_environment ON events (environment, id)",
    "CREATE INDEX events_received_at ON events (received_at, id)",
    "CREATE INDEX events_trigger ON events (trigger_name, id)",
    "CREATE INDEX events_triggered_by ON events (triggered_by, id)",
    "DROP INDEX events_delivery",
    "CREATE UNIQUE INDEX events_delivery ON events (delivery, trigger_name) WHERE delivery <> ''",

    "CREATE TABLE holds (id INTEGER PRIMARY KEY, environment TEXT NOT NULL, "
    "service TEXT NOT NULL, reason TEXT NOT NULL, placed_by TEXT NOT NULL, "
    "created_at BIGINT NOT NULL, until_at BIGINT, rollback BIGINT NOT NULL DEFAULT 0, "
    "released_at BIGINT, released_by TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX holds_open ON holds (id) WHERE released_at IS NULL",

    "CREATE TABLE tokens (id INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, "
    "digest TEXT NOT NULL UNIQUE, created_by TEXT NOT NULL, created_at BIGINT NOT NULL, "
    "revoked_at BIGINT)",
    "CREATE UNIQUE INDEX tokens_name ON tokens (name) WHERE revoked_at IS NULL",

    "CREATE TABLE messages (id INTEGER PRIMARY KEY, "
    "deployment BIGINT NOT NULL REFERENCES deployments (id), notifier TEXT NOT NULL, "
    "event TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', "
    "attempts INTEGER NOT NULL DEFAULT 0, created_at BIGINT NOT NULL, next_at BIGINT NOT NULL, "
    "delivered_at BIGINT, reason TEXT NOT NULL DEFAULT '', memory TEXT)",
    "INSERT INTO messages (id, deployment, notifier, event, state, attempts, created_at, next_at, "
    "reason) SELECT id, deployment, notifier, event, "
    "CASE given_up WHEN 0 THEN 'waiting' ELSE 'given_up' END, attempts, next_at, next_at, reason "
    "FROM outbox",
    "DROP TABLE outbox",
    "CREATE INDEX messages_next_at ON messages (notifier, next_at) WHERE state = 'waiting'",
    "CREATE INDEX messages_deployment ON messages (deployment, notifier, id)",
});

constexpr std::array kThirdSchema = std::to_array<std::string_view>({
    "DROP INDEX events_delivery",
    "CREATE UNIQUE INDEX events_delivery ON events (delivery, trigger_name, body_digest) "
    "WHERE delivery <> ''",
    "ALTER TABLE events ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX events_ignored ON events (trigger_name, body_digest, id) WHERE deployment = 0",
});

constexpr std::array kFourthSchema = std::to_array<std::string_view>({
    "ALTER TABLE steps ADD COLUMN plugin TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE steps ADD COLUMN plugin_version TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE steps ADD COLUMN plugin_sha256 TEXT NOT NULL DEFAULT ''",
});

/// In order, without a gap. What was released is never changed: a new one follows.
constexpr std::array kMigrations = std::to_array<Migration>({
    {1, "events, deployments, steps, targets, nonces, outbox", kFirstSchema},
    {2, "cancellation, holds, tokens, messages that stay", kSecondSchema},
    {3, "deliveries by their body", kThirdSchema},
    {4, "the plugin of each step", kFourthSchema},
});

constexpr std::string_view kTableNames =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
constexpr std::string_view kMakeMigrations =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, "
    "name TEXT NOT NULL, applied_at BIGINT NOT NULL)";
constexpr std::string_view kVersion = "SELECT COALESCE(MAX(version), 0) FROM schema_migrations";
constexpr std::string_view kWriteDown =
    "INSERT INTO schema_migrations (version, name, applied_at) VALUES ($1, $2, $3)";

void apply(Connection& connection, const Migration& migration, const Clock& clock) {
    connection.runOnce("BEGIN");
    try {
        for (const std::string_view statement : migration.statements) connection.runOnce(statement);
        failpoint("history.migrated");
        connection.run(kWriteDown, migration.version, migration.name, clock.now());
        connection.runOnce("COMMIT");
    } catch (const std::exception&) {
        if (sqlite3_get_autocommit(connection.handle()) == 0) connection.runOnce("ROLLBACK");
        throw;
    }
}

}  // namespace

void migrate(Connection& connection, const Clock& clock) {
    bool empty = true, ours = false;
    for (const auto& [name] : connection.ask<std::string>(kTableNames)) {
        empty = false;
        ours = ours || name == "schema_migrations";
    }
    if (!empty && !ours)
        throw std::runtime_error("The file " + connection.file() +
                                 " is the database of another program: it is left alone. Choose "
                                 "another data folder.");
    connection.runOnce(kMakeMigrations);
    const std::int64_t version =
        std::get<0>(connection.askOne<std::int64_t>(kVersion).value_or(std::tuple{0}));
    const std::int64_t newest = kMigrations.back().version;
    if (version > newest)
        throw std::runtime_error(
            "The history " + connection.file() + " was written by a newer runner (schema " +
            std::to_string(version) + ", this one knows " + std::to_string(newest) +
            "). Start that runner again, or restore a backup made before it.");
    for (const Migration& migration : kMigrations)
        if (migration.version > version) apply(connection, migration, clock);
}

}  // namespace iac::history
