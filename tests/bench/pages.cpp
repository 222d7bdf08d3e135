// pages FOLDER ROWS ROUNDS: how long a page of the history takes among 1,000 deployments and among
// ROWS of them. For each round prints a line `QUESTION SMALL LARGE` for every question, and one
// `depth FIRST MIDDLE END OFFSET` of the large history: p50 in microseconds.
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "history/history.hpp"
#include "history/queries.hpp"
#include "history/records.hpp"

namespace {

using iac::history::DeploymentQuery;

constexpr long kFew = 1'000;
constexpr std::size_t kPage = 50;
constexpr int kTimes = 15;
constexpr std::int64_t kFirstAt = 1'600'000'000'000;
constexpr std::int64_t kApart = 60'000;  // one deployment a minute

// i * 2654435761 spreads the numbers: who, where and how it ended have nothing to do with each
// other. $1 is how many.
constexpr std::array kFill = {
    "INSERT INTO events (id, received_at, trigger_name, kind, delivery, body_digest, environment, "
    "ref, tag, revision, before_revision, paths, paths_complete, services, triggered_by, subject, "
    "dry_run, deployment, reason) "
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1), "
    "mixed (i, a, b) AS (SELECT i, (i * 2654435761 / 65536) % 100, (i * 40503 / 256) % 50 FROM n) "
    "SELECT i, $2 + i * $3, 'github', 'change', 'delivery-' || i, printf('%064x', i), "
    "CASE WHEN a < 80 THEN 'staging' ELSE 'production' END, 'refs/heads/main', '', "
    "printf('%040x', i), printf('%040x', i - 1), '[\"platform/01.postgres/compose.yaml\"]', 1, "
    "'[]', 'person-' || b, 'platform/postgres: raise the number of connections', 0, i, '' "
    "FROM mixed",
    "INSERT INTO deployments (id, event, kind, state, environment, trigger_name, triggered_by, "
    "subject, ref, tag, revision, before_revision, paths, paths_complete, taken_over, services, "
    "dry_run, plan, created_at, started_at, finished_at, open_key) "
    "SELECT id, id, kind, CASE (id * 69069 / 4096) % 20 WHEN 0 THEN 'failed' WHEN 1 THEN "
    "'superseded' ELSE 'success' END, environment, trigger_name, triggered_by, subject, ref, tag, "
    "revision, before_revision, paths, paths_complete, '[]', services, dry_run, "
    "'{\"services\":[],\"skipped\":[]}', received_at, received_at + 20, received_at + 9000, '' "
    "FROM events",
    "INSERT INTO steps (deployment, position, service, executor, reason, state, started_at, "
    "finished_at) SELECT d.id, p.at, 'platform/service-' || ((d.id * 48271 / 1024 + p.at * 7) % "
    "20), 'invoke', 'changed', 'changed', d.started_at, d.finished_at "
    "FROM deployments d, (SELECT 0 AS at UNION SELECT 1) p",
};

void fill(const std::string& file, long rows) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(opened, sqlite3_close);
    const auto must = [&](bool well) {
        if (!well) throw std::runtime_error(sqlite3_errmsg(opened));
    };
    must(code == SQLITE_OK);
    must(sqlite3_exec(opened, "PRAGMA synchronous = OFF; BEGIN", nullptr, nullptr, nullptr) ==
         SQLITE_OK);
    for (const char* sql : kFill) {
        sqlite3_stmt* made = nullptr;
        must(sqlite3_prepare_v2(opened, sql, -1, &made, nullptr) == SQLITE_OK);
        const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(
            made, sqlite3_finalize);
        if (sqlite3_bind_parameter_count(made) == 3)
            must(sqlite3_bind_int64(made, 1, rows) == SQLITE_OK &&
                 sqlite3_bind_int64(made, 2, kFirstAt) == SQLITE_OK &&
                 sqlite3_bind_int64(made, 3, kApart) == SQLITE_OK);
        must(sqlite3_step(made) == SQLITE_DONE);
    }
    must(sqlite3_exec(opened, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK);
}

/// A history of so many deployments: the schema is its own, only the rows come from here.
struct Filled {
    Filled(const std::string& in_file, long of) : file(in_file), rows(of) {
        iac::history::History(file, {}, clock);
        fill(file, rows);
        history = std::make_unique<iac::history::History>(file, iac::history::Limits{}, clock);
    }
    iac::Time at(long row) const { return iac::Time(iac::Duration(kFirstAt + row * kApart)); }

    std::string file;
    long rows;
    iac::SystemClock clock;
    std::unique_ptr<iac::history::History> history;
};

template <class Ask>
double p50(const Ask& ask) {
    std::vector<double> took;
    for (int i = 0; i < kTimes; ++i) {
        const auto began = std::chrono::steady_clock::now();
        ask();
        const std::chrono::duration<double, std::micro> one =
            std::chrono::steady_clock::now() - began;
        took.push_back(one.count());
    }
    std::nth_element(took.begin(), took.begin() + kTimes / 2, took.end());
    return took[kTimes / 2];
}

// Without a page nothing was measured.
void expect(std::size_t found, std::size_t expected, const char* what) {
    if (found != expected)
        throw std::runtime_error(std::string(what) + ": " + std::to_string(found) + " rows");
}

struct Question {
    const char* name;
    std::size_t rows;
    void (*set)(DeploymentQuery&, const Filled&);
};
constexpr std::array kQuestions = {
    Question{"env+status", kPage,
             [](DeploymentQuery& query, const Filled&) {
                 query.environment = "staging";
                 query.state = iac::DeploymentState::success;
             }},
    Question{"service", kPage,
             [](DeploymentQuery& query, const Filled&) { query.service = "platform/service-7"; }},
    Question{"triggered_by", 10,
             [](DeploymentQuery& query, const Filled&) {
                 query.triggered_by = "person-7";
                 query.limit = 10;
             }},
    Question{"since", 30,
             [](DeploymentQuery& query, const Filled& in) { query.since = in.at(in.rows - 29); }},
    Question{"until", kPage,
             [](DeploymentQuery& query, const Filled& in) { query.until = in.at(in.rows / 2); }},
};

double ask(const Question& question, Filled& in) {
    DeploymentQuery query;
    query.limit = kPage;
    question.set(query, in);
    return p50(
        [&] { expect(in.history->deployments(query).size(), question.rows, question.name); });
}

void depths(Filled& in) {
    const auto keyset = [&](long before) {
        DeploymentQuery query;
        query.limit = kPage;
        query.before = before;
        return p50([&] { expect(in.history->deployments(query).size(), kPage, "a page"); });
    };
    // What the history would ask if it counted pages instead.
    auto list = iac::history::listQuery({}, kPage);
    list.sql += " OFFSET " + std::to_string(in.rows / 2);
    iac::history::Connection reader(in.file, iac::history::Connection::Access::read);
    const double offset = p50([&] {
        expect(iac::history::readDeployments(reader, list.sql, list.values).size(), kPage,
               "a page by OFFSET");
    });
    std::printf("depth %.1f %.1f %.1f %.1f\n", keyset(0), keyset(in.rows / 2 + 1),
                keyset(static_cast<long>(kPage) + 1), offset);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::string folder = argv[1];
    const long rows = std::strtol(argv[2], nullptr, 10), rounds = std::strtol(argv[3], nullptr, 10);
    try {
        Filled few(folder + "/few.db", kFew), many(folder + "/many.db", rows);
        for (long round = 0; round < rounds; ++round) {
            for (const Question& question : kQuestions) {
                const double small = ask(question, few), large = ask(question, many);
                std::printf("%s %.1f %.1f\n", question.name, small, large);
            }
            depths(many);
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "pages: %s\n", e.what());
        return 1;
    }
    return 0;
}
