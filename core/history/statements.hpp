#pragma once

#include <string_view>

/// Every statement of the history, in words that SQLite and PostgreSQL both understand: places are
/// `$1`, `$2`, ... in the order of their first use, ids come from the writer, times are BIGINT
/// milliseconds, lists are JSON in TEXT. What only SQLite understands is in database.cpp and
/// writer.cpp.
///
/// States stand in the text where a partial index needs them there to be of use.
namespace iac::history::sql {

using Sql = std::string_view;

// ---- What both the writer and the readers ask

#define IAC_DEPLOYMENT_COLUMNS                                                                   \
    "d.id, d.event, d.kind, d.state, d.environment, d.trigger_name, d.triggered_by, d.subject, " \
    "d.ref, d.tag, d.revision, d.before_revision, d.paths, d.paths_complete, d.taken_over, "     \
    "d.services, d.dry_run, d.plan, d.created_at, d.started_at, d.finished_at, d.error_kind, "   \
    "d.error_summary, d.next_action, d.superseded_by, d.retry_of, d.rollback_of"
#define IAC_STEP_COLUMNS                                                                 \
    "id, position, service, executor, reason, state, started_at, finished_at, summary, " \
    "error_kind, error_summary, next_action, config_hash"

inline constexpr Sql kDeploymentById =
    "SELECT " IAC_DEPLOYMENT_COLUMNS " FROM deployments d WHERE d.id = $1";
inline constexpr Sql kStepsOfDeployment =
    "SELECT " IAC_STEP_COLUMNS " FROM steps WHERE deployment = $1 ORDER BY position, id";
inline constexpr Sql kAttemptsOfDeployment =
    "SELECT a.step, a.number, a.state, a.started_at, a.finished_at, a.exit_code, a.message, "
    "a.crashed "
    "FROM steps s JOIN attempts a ON a.step = s.id WHERE s.deployment = $1 "
    "ORDER BY a.step, a.number";
inline constexpr Sql kEventById =
    "SELECT trigger_name, kind, delivery, body_digest, environment, ref, tag, revision, "
    "before_revision, paths, paths_complete, services, triggered_by, subject, dry_run "
    "FROM events WHERE id = $1";
inline constexpr Sql kDeploymentState = "SELECT state FROM deployments WHERE id = $1";

// ---- Where the counters go on after a start

inline constexpr Sql kLastEvent = "SELECT COALESCE(MAX(id), 0) FROM events";
inline constexpr Sql kLastDeployment = "SELECT COALESCE(MAX(id), 0) FROM deployments";
inline constexpr Sql kLastStep = "SELECT COALESCE(MAX(id), 0) FROM steps";
inline constexpr Sql kLastMessage = "SELECT COALESCE(MAX(id), 0) FROM outbox";
inline constexpr Sql kWaiting = "SELECT COUNT(*) FROM deployments WHERE state = 'queued'";

// ---- Admission

inline constexpr Sql kEventByDelivery =
    "SELECT id, deployment FROM events "
    "WHERE trigger_name = $1 AND delivery = $2 AND delivery <> ''";
inline constexpr Sql kChangeByDigest =
    "SELECT id, deployment FROM events "
    "WHERE trigger_name = $1 AND body_digest = $2 AND kind = 'change' AND received_at > $3 "
    "ORDER BY id DESC LIMIT 1";
inline constexpr Sql kInsertEvent =
    "INSERT INTO events (id, received_at, trigger_name, kind, delivery, body_digest, environment, "
    "ref, tag, revision, before_revision, paths, paths_complete, services, triggered_by, subject, "
    "dry_run, deployment, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
    "$14, $15, $16, $17, $18, $19)";
inline constexpr Sql kAnswerEvent = "UPDATE events SET deployment = $1, reason = $2 WHERE id = $3";
inline constexpr Sql kInsertDeployment =
    "INSERT INTO deployments (id, event, kind, state, environment, trigger_name, triggered_by, "
    "subject, ref, tag, revision, before_revision, paths, paths_complete, taken_over, services, "
    "dry_run, plan, created_at, open_key) VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, "
    "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
inline constexpr Sql kStanding = "SELECT state, superseded_by, plan FROM deployments WHERE id = $1";
inline constexpr Sql kWaitingChanges =
    "SELECT id, revision, before_revision, paths, paths_complete, taken_over, plan "
    "FROM deployments WHERE environment = $1 AND dry_run = $2 AND state = 'queued' AND kind = "
    "'change' ORDER BY id";
inline constexpr Sql kSupersede =
    "UPDATE deployments SET state = 'superseded', superseded_by = $1, finished_at = $2, "
    "paths = '[]', paths_complete = 0, taken_over = '[]' WHERE id = $3";
inline constexpr Sql kWantMore =
    "UPDATE deployments SET before_revision = $1, paths = $2, paths_complete = $3, "
    "taken_over = $4, plan = $5 WHERE id = $6";
inline constexpr Sql kOpenTwin =
    "SELECT id, state, revision FROM deployments WHERE open_key = $1 AND open_key <> '' "
    "ORDER BY id";
inline constexpr Sql kPruneNonces = "DELETE FROM nonces WHERE expires_at <= $1";
inline constexpr Sql kInsertNonce =
    "INSERT INTO nonces (nonce, expires_at) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING";

// ---- The moves of a deployment

inline constexpr Sql kNextQueued =
    "SELECT id FROM deployments WHERE environment = $1 AND state = 'queued' ORDER BY id LIMIT 1";
inline constexpr Sql kStartDeployment =
    "UPDATE deployments SET state = 'running', started_at = $1 WHERE id = $2";
inline constexpr Sql kSetPlan = "UPDATE deployments SET revision = $1, plan = $2 WHERE id = $3";
inline constexpr Sql kFinishDeployment =
    "UPDATE deployments SET state = $1, finished_at = $2, error_kind = $3, error_summary = $4, "
    "next_action = $5, open_key = '' WHERE id = $6";
inline constexpr Sql kRequeueDeployment =
    "UPDATE deployments SET state = 'queued', started_at = NULL WHERE id = $1";
inline constexpr Sql kEnvironmentsWithQueued =
    "SELECT DISTINCT environment FROM deployments WHERE state = 'queued' ORDER BY environment";
inline constexpr Sql kRunning = "SELECT id FROM deployments WHERE state = 'running' ORDER BY id";

// ---- Steps and attempts

inline constexpr Sql kStepsAtPlanning =
    "SELECT id, service, state FROM steps WHERE deployment = $1 ORDER BY position, id";
inline constexpr Sql kInsertStep =
    "INSERT INTO steps (id, deployment, position, service, executor, reason, state) "
    "VALUES ($1, $2, $3, $4, $5, $6, 'pending')";
inline constexpr Sql kMoveStepTo = "UPDATE steps SET position = $1 WHERE id = $2";
inline constexpr Sql kRenewStep =
    "UPDATE steps SET position = $1, executor = $2, reason = $3, state = 'pending', "
    "started_at = NULL, finished_at = NULL, summary = '', error_kind = '', error_summary = '', "
    "next_action = '', config_hash = '' WHERE id = $4";
inline constexpr Sql kStepForMove =
    "SELECT s.state, s.service, s.deployment, d.state, d.environment, d.revision, d.dry_run "
    "FROM steps s JOIN deployments d ON d.id = s.deployment WHERE s.id = $1";
inline constexpr Sql kStartStep =
    "UPDATE steps SET state = 'running', started_at = COALESCE(started_at, $1) WHERE id = $2";
inline constexpr Sql kEndStep =
    "UPDATE steps SET state = $1, finished_at = $2, summary = $3, error_kind = $4, "
    "error_summary = $5, next_action = $6, config_hash = $7 WHERE id = $8";
inline constexpr Sql kCancelOpenSteps =
    "UPDATE steps SET state = 'cancelled', finished_at = $1, summary = $2 "
    "WHERE deployment = $3 AND state IN ('pending', 'running')";
inline constexpr Sql kHandBackSteps =
    "UPDATE steps SET state = 'pending', started_at = NULL "
    "WHERE deployment = $1 AND state = 'running'";
inline constexpr Sql kLastAttempt =
    "SELECT number, state FROM attempts WHERE step = $1 ORDER BY number DESC LIMIT 1";
inline constexpr Sql kInsertAttempt =
    "INSERT INTO attempts (step, number, state, started_at) VALUES ($1, $2, 'running', $3)";
inline constexpr Sql kEndAttempt =
    "UPDATE attempts SET state = $1, finished_at = $2, exit_code = $3, message = $4 "
    "WHERE step = $5 AND number = $6 AND state = 'running'";
inline constexpr Sql kEndOpenAttempts =
    "UPDATE attempts SET state = $1, finished_at = $2, message = $3, crashed = $4 "
    "WHERE state = 'running' AND step IN (SELECT id FROM steps WHERE deployment = $5)";
inline constexpr Sql kInterruptAttempt =
    "UPDATE attempts SET state = 'pending', finished_at = $1, message = 'interrupted' "
    "WHERE state = 'running' AND step = $2";

// ---- Targets

inline constexpr Sql kTargetGood =
    "INSERT INTO targets (environment, service, last_good_revision, last_good_deployment, "
    "last_outcome, last_deployment, updated_at) VALUES ($1, $2, $3, $4, $5, $4, $6) "
    "ON CONFLICT (environment, service) DO UPDATE SET "
    "last_good_revision = excluded.last_good_revision, "
    "last_good_deployment = excluded.last_good_deployment, "
    "last_outcome = excluded.last_outcome, last_deployment = excluded.last_deployment, "
    "updated_at = excluded.updated_at";
inline constexpr Sql kTargetOutcome =
    "INSERT INTO targets (environment, service, last_outcome, last_deployment, updated_at) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (environment, service) DO UPDATE SET "
    "last_outcome = excluded.last_outcome, last_deployment = excluded.last_deployment, "
    "updated_at = excluded.updated_at";
inline constexpr Sql kTargets =
    "SELECT service, last_good_revision, last_good_deployment, last_outcome, last_deployment, "
    "updated_at FROM targets WHERE environment = $1 ORDER BY service";
inline constexpr Sql kPinnedRevisions =
    "SELECT last_good_revision FROM targets WHERE last_good_revision <> '' "
    "UNION SELECT revision FROM deployments WHERE state = 'queued' AND revision <> '' "
    "UNION SELECT revision FROM deployments WHERE state = 'running' AND revision <> ''";

// ---- Outbox: delivered messages are deleted, those given up stay with their reason

inline constexpr Sql kInsertMessage =
    "INSERT INTO outbox (id, deployment, notifier, event, next_at) VALUES ($1, $2, $3, $4, $5)";
inline constexpr Sql kDueMessages =
    "SELECT o.id, o.deployment, o.notifier, o.event, o.attempts FROM outbox o "
    "WHERE o.given_up = 0 AND o.next_at <= $1 AND NOT EXISTS (SELECT 1 FROM outbox p "
    "WHERE p.deployment = o.deployment AND p.notifier = o.notifier AND p.given_up = 0 "
    "AND p.id < o.id) ORDER BY o.id LIMIT $2";
inline constexpr Sql kNextMessageTime =
    "SELECT MIN(next_at) FROM outbox WHERE given_up = 0 AND next_at > $1";
inline constexpr Sql kDeleteMessage = "DELETE FROM outbox WHERE id = $1";
inline constexpr Sql kPostponeMessage =
    "UPDATE outbox SET attempts = attempts + 1, next_at = $1, reason = $2 WHERE id = $3";
inline constexpr Sql kGiveUpMessage =
    "UPDATE outbox SET attempts = attempts + 1, given_up = 1, reason = $1 WHERE id = $2";

// ---- Lists of deployments: a beginning, one condition for each filter (its value follows), an end

inline constexpr Sql kListAll =
    "SELECT " IAC_DEPLOYMENT_COLUMNS " FROM deployments d WHERE d.id < ";
inline constexpr Sql kListByService =
    "SELECT " IAC_DEPLOYMENT_COLUMNS
    " FROM steps s CROSS JOIN deployments d WHERE d.id = s.deployment AND s.deployment < ";
inline constexpr Sql kFilterService = " AND s.service = ";
inline constexpr Sql kFilterEnvironment = " AND d.environment = ";
inline constexpr Sql kFilterTrigger = " AND d.trigger_name = ";
inline constexpr Sql kFilterTriggeredBy = " AND d.triggered_by = ";
inline constexpr Sql kFilterRef = " AND d.ref = ";
inline constexpr Sql kFilterRevision = " AND d.revision = ";
inline constexpr Sql kFilterState = " AND d.state = ";
inline constexpr Sql kFilterSince = " AND d.created_at >= ";
inline constexpr Sql kFilterUntil = " AND d.created_at < ";
inline constexpr Sql kNewestFirst = " ORDER BY d.id DESC LIMIT ";
inline constexpr Sql kNewestFirstByService = " ORDER BY s.deployment DESC LIMIT ";

// ---- Whether anybody is there

inline constexpr Sql kHealth = "SELECT MAX(version) FROM schema_migrations";

#undef IAC_DEPLOYMENT_COLUMNS
#undef IAC_STEP_COLUMNS

}  // namespace iac::history::sql
