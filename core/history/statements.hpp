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
    "d.error_summary, d.next_action, d.superseded_by, d.retry_of, d.rollback_of, "               \
    "d.cancel_requested_by"
#define IAC_STEP_COLUMNS                                                                      \
    "s.id, s.position, s.service, s.executor, s.reason, s.state, s.started_at, "              \
    "s.finished_at, s.summary, s.error_kind, s.error_summary, s.next_action, s.config_hash, " \
    "s.plugin, s.plugin_version, s.plugin_sha256"
#define IAC_HOLD_COLUMNS                                                            \
    "id, environment, service, reason, placed_by, created_at, until_at, rollback, " \
    "released_at, released_by"

inline constexpr Sql kDeploymentById =
    "SELECT " IAC_DEPLOYMENT_COLUMNS " FROM deployments d WHERE d.id = $1";
inline constexpr Sql kStepsOfDeployment =
    "SELECT " IAC_STEP_COLUMNS " FROM steps s WHERE s.deployment = $1 ORDER BY s.position, s.id";
inline constexpr Sql kAttemptsOfDeployment =
    "SELECT a.step, a.number, a.state, a.started_at, a.finished_at, a.exit_code, a.message, "
    "a.crashed "
    "FROM steps s JOIN attempts a ON a.step = s.id WHERE s.deployment = $1 "
    "ORDER BY a.step, a.number";
inline constexpr Sql kEventById =
    "SELECT trigger_name, kind, delivery, body_digest, environment, ref, tag, revision, "
    "before_revision, paths, paths_complete, services, triggered_by, subject, dry_run "
    "FROM events WHERE id = $1";
inline constexpr Sql kAllOpenHolds =
    "SELECT " IAC_HOLD_COLUMNS " FROM holds WHERE released_at IS NULL ORDER BY id";
inline constexpr Sql kEnvironmentOf = "SELECT environment FROM deployments WHERE id = $1";
inline constexpr Sql kDeploymentState = "SELECT state FROM deployments WHERE id = $1";

// ---- Where the counters go on after a start

inline constexpr Sql kLastEvent = "SELECT COALESCE(MAX(id), 0) FROM events";
inline constexpr Sql kLastDeployment = "SELECT COALESCE(MAX(id), 0) FROM deployments";
inline constexpr Sql kLastStep = "SELECT COALESCE(MAX(id), 0) FROM steps";
inline constexpr Sql kLastMessage = "SELECT COALESCE(MAX(id), 0) FROM messages";
inline constexpr Sql kWaiting = "SELECT COUNT(*) FROM deployments WHERE state = 'queued'";

// ---- Admission

inline constexpr Sql kEventByDelivery =
    "SELECT id, deployment, body_digest FROM events "
    "WHERE trigger_name = $1 AND delivery = $2 AND delivery <> '' "
    "ORDER BY body_digest = $3 DESC LIMIT 1";
inline constexpr Sql kDeploymentsOfEvent =
    "SELECT id FROM deployments WHERE event = $1 ORDER BY id";
inline constexpr Sql kIgnoredByDigest =
    "SELECT id FROM events WHERE trigger_name = $1 AND body_digest = $2 AND deployment = 0 "
    "AND received_at > $3 ORDER BY id DESC LIMIT 1";
inline constexpr Sql kCountRepeat = "UPDATE events SET repeats = repeats + 1 WHERE id = $1";
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
    "dry_run, plan, created_at, open_key, retry_of, rollback_of) VALUES ($1, $2, $3, 'queued', $4, "
    "$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";
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

inline constexpr Sql kOldestQueued =
    "SELECT id FROM deployments WHERE environment = $1 AND state = 'queued' ORDER BY id LIMIT 1";
/// The same, while none runs there.
inline constexpr Sql kNextQueued =
    "SELECT id FROM deployments WHERE environment = $1 AND state = 'queued' "
    "AND NOT EXISTS (SELECT 1 FROM deployments WHERE environment = $1 AND state = 'running') "
    "ORDER BY id LIMIT 1";
inline constexpr Sql kStartDeployment =
    "UPDATE deployments SET state = 'running', started_at = $1 WHERE id = $2";
inline constexpr Sql kSetPlan =
    "UPDATE deployments SET revision = $1, plan = $2, "
    "subject = CASE subject WHEN '' THEN $3 ELSE subject END WHERE id = $4";
inline constexpr Sql kFinishDeployment =
    "UPDATE deployments SET state = $1, finished_at = $2, error_kind = $3, error_summary = $4, "
    "next_action = $5, open_key = '' WHERE id = $6";
inline constexpr Sql kRequeueDeployment =
    "UPDATE deployments SET state = 'queued', started_at = NULL WHERE id = $1";
inline constexpr Sql kRequestCancel =
    "UPDATE deployments SET cancel_requested_by = $1 WHERE id = $2 AND cancel_requested_by = ''";
inline constexpr Sql kCancelRequested =
    "SELECT id FROM deployments WHERE state = 'running' AND cancel_requested_by <> '' ORDER BY id";
inline constexpr Sql kCancelRequestedBy =
    "SELECT cancel_requested_by FROM deployments WHERE id = $1";
inline constexpr Sql kEnvironmentsWithQueued =
    "SELECT DISTINCT environment FROM deployments WHERE state = 'queued' ORDER BY environment";
inline constexpr Sql kRunning =
    "SELECT id FROM deployments "
    "WHERE state = 'running' AND ($1 = '' OR environment = $1) ORDER BY id";

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
inline constexpr Sql kStepPlugin =
    "UPDATE steps SET plugin = $1, plugin_version = $2, plugin_sha256 = $3 WHERE id = $4";
inline constexpr Sql kEndStep =
    "UPDATE steps SET state = $1, finished_at = $2, summary = $3, error_kind = $4, "
    "error_summary = $5, next_action = $6, config_hash = $7 WHERE id = $8";
/// With what its last attempt said when it was stopped.
inline constexpr Sql kCancelOpenSteps =
    "UPDATE steps SET state = 'cancelled', finished_at = $1, summary = $2 || COALESCE("
    "(SELECT '; ' || a.message FROM attempts a WHERE a.step = steps.id AND a.state = 'pending' "
    "AND a.message <> '' AND NOT EXISTS (SELECT 1 FROM attempts b WHERE b.step = a.step "
    "AND b.number > a.number)), '') WHERE deployment = $3 AND state IN ('pending', 'running')";
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

inline constexpr Sql kTargetEnvironments =
    "SELECT DISTINCT environment FROM targets ORDER BY environment";
inline constexpr Sql kTargetHeld =
    "SELECT COUNT(*) FROM targets WHERE environment = $1 AND last_outcome = 'held' "
    "AND (service = $2 OR $2 = '')";
inline constexpr Sql kGoodBefore =
    "SELECT d.revision, d.id, s.state, s.finished_at FROM steps s JOIN deployments d "
    "ON d.id = s.deployment WHERE s.service = $1 AND d.environment = $2 AND d.revision <> $3 "
    "AND s.state IN ('changed', 'unchanged') AND d.dry_run = 0 AND s.deployment < "
    "(SELECT MIN(x.deployment) FROM steps x JOIN deployments e ON e.id = x.deployment "
    "WHERE x.service = $1 AND e.environment = $2 AND e.revision = $3 AND e.dry_run = 0 "
    "AND x.state IN ('changed', 'unchanged')) ORDER BY s.deployment DESC LIMIT 1";

// ---- Holds

inline constexpr Sql kLastHold = "SELECT COALESCE(MAX(id), 0) FROM holds";
inline constexpr Sql kInsertHold =
    "INSERT INTO holds (id, environment, service, reason, placed_by, created_at, until_at, "
    "rollback) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
inline constexpr Sql kOpenHold =
    "SELECT " IAC_HOLD_COLUMNS " FROM holds WHERE id = $1 AND released_at IS NULL";
inline constexpr Sql kReleaseHold =
    "UPDATE holds SET released_at = $1, released_by = $2 WHERE id = $3";
inline constexpr Sql kAllHolds =
    "SELECT " IAC_HOLD_COLUMNS
    " FROM holds WHERE ($1 = '' OR environment = $1) ORDER BY id DESC LIMIT $2";
inline constexpr Sql kHoldById = "SELECT " IAC_HOLD_COLUMNS " FROM holds WHERE id = $1";
inline constexpr Sql kHoldLike =
    "SELECT id FROM holds WHERE environment = $1 AND service = $2 AND placed_by = $3 "
    "AND reason = $4 AND until_at = $5 LIMIT 1";

// ---- Tokens

inline constexpr Sql kLastToken = "SELECT COALESCE(MAX(id), 0) FROM tokens";
inline constexpr Sql kInsertToken =
    "INSERT INTO tokens (id, name, role, digest, created_by, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
inline constexpr Sql kTokenByDigest =
    "SELECT id, name, role, created_by, created_at, revoked_at FROM tokens "
    "WHERE digest = $1 AND revoked_at IS NULL";
inline constexpr Sql kTokenValid = "SELECT id FROM tokens WHERE id = $1 AND revoked_at IS NULL";
inline constexpr Sql kTokens =
    "SELECT id, name, role, created_by, created_at, revoked_at FROM tokens ORDER BY id";
inline constexpr Sql kRevokeToken =
    "UPDATE tokens SET revoked_at = $1 WHERE name = $2 AND revoked_at IS NULL";

// ---- Outbox: every message stays with what became of it, until its deployment goes

inline constexpr Sql kInsertMessage =
    "INSERT INTO messages (id, deployment, notifier, event, created_at, next_at) "
    "VALUES ($1, $2, $3, $4, $5, $5)";
inline constexpr Sql kDueMessages =
    "SELECT o.id, o.deployment, o.notifier, o.event, o.attempts, o.created_at, "
    "COALESCE((SELECT m.memory FROM messages m WHERE m.deployment = o.deployment "
    "AND m.notifier = o.notifier AND m.memory IS NOT NULL ORDER BY m.id DESC LIMIT 1), '') "
    "FROM messages o WHERE o.state = 'waiting' AND o.next_at <= $1 AND o.notifier = $2 AND NOT "
    "EXISTS "
    "(SELECT 1 FROM messages p WHERE p.deployment = o.deployment AND p.notifier = o.notifier "
    "AND p.state = 'waiting' AND p.id < o.id) ORDER BY o.next_at, o.id LIMIT $3";
inline constexpr Sql kWaitingMessages =
    "SELECT notifier, COUNT(*) FROM messages WHERE state = 'waiting' GROUP BY notifier";
inline constexpr Sql kNextMessageTime =
    "SELECT MIN(next_at) FROM messages WHERE state = 'waiting' AND next_at > $1 AND notifier = $2";
inline constexpr Sql kDeliverMessage =
    "UPDATE messages SET state = 'delivered', attempts = attempts + 1, delivered_at = $1, "
    "reason = '', memory = COALESCE($2, memory) WHERE id = $3";
inline constexpr Sql kPostponeMessage =
    "UPDATE messages SET attempts = attempts + 1, next_at = $1, reason = $2, "
    "memory = COALESCE($3, memory) WHERE id = $4";
inline constexpr Sql kGiveUpMessage =
    "UPDATE messages SET state = 'given_up', attempts = attempts + 1, reason = $1, "
    "memory = COALESCE($2, memory) WHERE id = $3";
inline constexpr Sql kDropMessage = "DELETE FROM messages WHERE id = $1";
inline constexpr Sql kNotifications =
    "SELECT notifier, event, state, attempts, delivered_at, reason FROM messages "
    "WHERE deployment = $1 ORDER BY id";

// ---- What came before a deployment

inline constexpr Sql kSucceededAt =
    "SELECT s.id FROM deployments d JOIN steps s ON s.deployment = d.id "
    "WHERE d.revision = $1 AND d.environment = $2 AND d.dry_run = 0 AND s.service = $3 "
    "AND s.state IN ('changed', 'unchanged') LIMIT 1";
inline constexpr Sql kDeploymentBefore =
    "SELECT " IAC_DEPLOYMENT_COLUMNS
    " FROM deployments d WHERE d.environment = $1 AND d.id < $2 AND d.dry_run = 0 "
    "AND d.state IN ('success', 'failed') ORDER BY d.id DESC LIMIT 1";
inline constexpr Sql kStepBefore =
    "SELECT " IAC_STEP_COLUMNS
    " "
    "FROM steps s JOIN deployments d ON d.id = s.deployment "
    "WHERE s.service = $1 AND s.deployment < $2 AND d.environment = $3 AND d.dry_run = 0 "
    "AND s.state IN ('changed', 'unchanged', 'failed') ORDER BY s.deployment DESC LIMIT 1";
inline constexpr Sql kCountByState =
    "SELECT state, COUNT(*) FROM deployments WHERE state IN ('queued', 'running') GROUP BY state";

// ---- What ended, by ranges of deployments

inline constexpr Sql kFirstOpen =
    "SELECT MIN(id) FROM deployments WHERE state IN ('queued', 'running')";
inline constexpr Sql kNextDeployment = "SELECT MIN(id) FROM deployments WHERE id >= $1";
inline constexpr Sql kEndedDeployments =
    "SELECT id, environment, state, started_at, finished_at FROM deployments "
    "WHERE id >= $1 AND id < $2 AND started_at IS NOT NULL AND finished_at IS NOT NULL";
inline constexpr Sql kEndedSteps =
    "SELECT id, deployment, executor, state, started_at, finished_at FROM steps "
    "WHERE deployment >= $1 AND deployment < $2 AND started_at IS NOT NULL "
    "AND finished_at IS NOT NULL";

// ---- Retention. The first statement of each kind finds some that may go, oldest first.

inline constexpr Sql kOldDeployments =
    "SELECT id, event FROM deployments WHERE created_at < $1 AND id <= $2 "
    "AND state NOT IN ('queued', 'running') AND id < (SELECT MAX(id) FROM deployments) "
    "ORDER BY created_at, id LIMIT $3";
inline constexpr Sql kNewestBeyond =
    "SELECT id FROM deployments ORDER BY id DESC LIMIT 1 OFFSET $1";
inline constexpr Sql kDeleteAttempts =
    "DELETE FROM attempts WHERE step IN (SELECT id FROM steps WHERE deployment = $1)";
inline constexpr Sql kDeleteSteps = "DELETE FROM steps WHERE deployment = $1";
inline constexpr Sql kDeleteMessages = "DELETE FROM messages WHERE deployment = $1";
inline constexpr Sql kForgetDeployment =
    "UPDATE events SET deployment = 0 WHERE id = $1 AND deployment = $2";
inline constexpr Sql kDeleteDeployment = "DELETE FROM deployments WHERE id = $1";
inline constexpr Sql kDeleteEvents =
    "DELETE FROM events WHERE id IN (SELECT e.id FROM events e WHERE e.received_at < $1 "
    "AND e.id < (SELECT MAX(id) FROM events) "
    "AND NOT EXISTS (SELECT 1 FROM deployments d WHERE d.event = e.id) ORDER BY e.received_at, "
    "e.id LIMIT $2)";

// A hold that was released before its time says until then that its freeze was placed already.
inline constexpr Sql kDeleteHolds =
    "DELETE FROM holds WHERE id IN (SELECT id FROM holds WHERE released_at < $1 "
    "AND (until_at IS NULL OR until_at < $1) AND id < (SELECT MAX(id) FROM holds) "
    "ORDER BY id LIMIT $2)";
inline constexpr Sql kDeleteTokens =
    "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE revoked_at < $1 "
    "AND id < (SELECT MAX(id) FROM tokens) ORDER BY id LIMIT $2)";

// ---- Lists of events, in the same way as those of deployments below. See there for the bounds.

inline constexpr Sql kListEvents =
    "SELECT id, received_at, trigger_name, kind, delivery, environment, ref, tag, revision, "
    "triggered_by, subject, dry_run, deployment, reason, repeats FROM events WHERE id < ";
inline constexpr Sql kEventEnvironment = " AND environment = ";
inline constexpr Sql kEventTrigger = " AND trigger_name = ";
inline constexpr Sql kEventDelivery = " AND delivery <> '' AND delivery = ";
inline constexpr Sql kEventTriggeredBy = " AND triggered_by = ";
inline constexpr Sql kEventsBeforeUntil =
    " AS id UNION ALL SELECT q.id FROM (SELECT id FROM events WHERE received_at >= ";
inline constexpr Sql kEventsBeforeEnd = " ORDER BY received_at, id LIMIT 1) q) b)";
inline constexpr Sql kEventsAfterSince =
    " AND id > COALESCE((SELECT q.id FROM events q WHERE q.received_at < ";
inline constexpr Sql kEventsAfterEnd = " ORDER BY q.received_at DESC, q.id DESC LIMIT 1), 0)";
inline constexpr Sql kEventSince = " AND received_at >= ";
inline constexpr Sql kEventUntil = " AND received_at < ";
inline constexpr Sql kNewestEventFirst = " ORDER BY id DESC LIMIT ";

// ---- Lists of deployments: a beginning, one condition for each filter (its value follows), an end

inline constexpr Sql kListAll =
    "SELECT " IAC_DEPLOYMENT_COLUMNS " FROM deployments d WHERE d.id < ";
inline constexpr Sql kListByService =
    "SELECT " IAC_DEPLOYMENT_COLUMNS
    " FROM steps s CROSS JOIN deployments d WHERE d.id = s.deployment AND s.deployment < ";
// A time becomes a bound of the ids, which every index ends with: else a page of long ago walks
// through everything since. The bound lies a day aside (in the value), and the time itself is still
// compared: a clock that was set back hides nothing.
inline constexpr Sql kBoundBegin = "(SELECT MIN(b.id) FROM (SELECT ";
inline constexpr Sql kBeforeUntil =
    " AS id UNION ALL SELECT q.id FROM (SELECT id FROM deployments WHERE created_at >= ";
inline constexpr Sql kBeforeEnd = " ORDER BY created_at, id LIMIT 1) q) b)";
inline constexpr Sql kAfterSince =
    " > COALESCE((SELECT q.id FROM deployments q WHERE q.created_at < ";
inline constexpr Sql kAfterEnd = " ORDER BY q.created_at DESC, q.id DESC LIMIT 1), 0)";
inline constexpr Sql kId = " AND d.id";
inline constexpr Sql kIdByService = " AND s.deployment";
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
#undef IAC_HOLD_COLUMNS
#undef IAC_STEP_COLUMNS

}  // namespace iac::history::sql
