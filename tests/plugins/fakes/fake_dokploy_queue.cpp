// The fake's queue: what happens in it as time goes by.
#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "fake_dokploy.hpp"

namespace iac::fakes {
namespace {

constexpr std::size_t kMostRows = 10;  // that stay when a deployment adds its own

}  // namespace

std::string Dokploy::nextId(const char* kind) {
    char text[40];
    std::snprintf(text, sizeof text, "%s-%012lld", kind, static_cast<long long>(++last_id_));
    return text;
}

// One day, a millisecond apart: only their order counts.
std::string Dokploy::time() const {
    const auto ms = static_cast<std::int64_t>(clock_() * 1000);
    char text[40];
    std::snprintf(text, sizeof text, "2026-11-23T%02d:%02d:%02d.%03dZ",
                  static_cast<int>(ms / 3'600'000 % 24), static_cast<int>(ms / 60'000 % 60),
                  static_cast<int>(ms / 1000 % 60), static_cast<int>(ms % 1000));
    return text;
}

Dokploy::Service* Dokploy::find(const std::string& id) {
    const auto found = services_.find(id);
    return found == services_.end() ? nullptr : &found->second;
}

Dokploy::Service& Dokploy::service(const std::string& id) {
    if (Service* found = find(id)) return *found;
    throw std::out_of_range("the fake Dokploy has no service " + id);
}

Dokploy::Project& Dokploy::addProject(const std::string& name) {
    projects_.push_back({nextId("project"), name});
    environments_.push_back({nextId("environment"), "production", projects_.back().id, true});
    return projects_.back();
}

Dokploy::Environment& Dokploy::addEnvironment(const std::string& project_id,
                                              const std::string& name) {
    environments_.push_back({nextId("environment"), name, project_id, false});
    return environments_.back();
}

void Dokploy::renameEnvironment(const std::string& from, const std::string& to) {
    for (auto& one : environments_)
        if (one.name == from) one.name = to;
}

std::string Dokploy::add(const std::string& project, const std::string& environment,
                         const std::string& name, const std::string& source, bool compose) {
    auto its = std::find_if(projects_.begin(), projects_.end(),
                            [&](const auto& one) { return one.name == project; });
    const std::string project_id = its == projects_.end() ? addProject(project).id : its->id;
    const auto where = std::find_if(
        environments_.begin(), environments_.end(),
        [&](const auto& one) { return one.project_id == project_id && one.name == environment; });
    Service made;
    made.environment_id =
        where == environments_.end() ? addEnvironment(project_id, environment).id : where->id;
    made.compose = compose;
    made.id = nextId(compose ? "compose" : "application");
    made.name = name;
    made.app_name = name + "-mixd7w";
    made.source = source;
    if (source == "git") made.provider = "https://git.example.com/infrastructure.git";
    services_[made.id] = made;
    return made.id;
}

void Dokploy::deploy(const std::string& id, const std::string& title,
                     const std::string& description) {
    queue_.push_back({++last_job_, id, title, description});
    advance();
}

void Dokploy::finishRunning() {
    for (auto& job : queue_)
        if (job.active) job.ends = 0;
    advance();
}

void Dokploy::restart() {
    advance();
    for (auto& [id, service] : services_) {
        for (auto& row : service.rows)
            if (row.status == "running" && !dev_mode) row.status = "cancelled";
        if (service.status == "running") service.status = "idle";
    }
    for (auto& run : runs_)
        if (run.status == "running") run.status = "cancelled";
    queue_.clear();
}

void Dokploy::advance() {
    writeCommits();
    while (!queue_.empty()) {
        Job& job = queue_.front();
        if (find(job.service) == nullptr) {
            queue_.pop_front();
            continue;
        }
        if (!job.active) begin(job);
        if (job.ends > clock_()) return;
        finish(job);
        queue_.pop_front();
    }
}

void Dokploy::writeCommits() {
    for (auto& [id, its] : services_)
        for (Row& row : its.rows) {
            if (!row.commit || clock_() < row.commit_at) continue;
            row.title = "feat: a commit of somebody";
            row.description = "Commit: " + *row.commit;
            row.commit.reset();
        }
}

void Dokploy::begin(Job& job) {
    auto& its = service(job.service);
    job.active = true;
    // A late request lets several pass at once: each begins when the one before it has ended.
    job.how = course(job);
    job.ends = clock_() + job.how.seconds;
    if (its.rows.size() > kMostRows) its.rows.resize(kMostRows);
    Row row;
    row.id = nextId("deployment");
    row.title = job.title;
    row.description = job.description;
    row.created = time();
    row.log = job.how.log;
    its.rows.insert(its.rows.begin(), row);
    its.status = "running";
    runs_.push_back(
        {job.title, job.service, row.id, its.environment.value_or(""), its.compose_file});
}

void Dokploy::finish(Job& job) {
    auto& its = service(job.service);
    const auto run = std::find_if(runs_.rbegin(), runs_.rend(),
                                  [&](const Run& one) { return one.status == "running"; });
    const Course& how = job.how;
    const auto row = std::find_if(its.rows.begin(), its.rows.end(),
                                  [&](const Row& one) { return one.id == run->row; });
    run->status = how.end;
    if (row != its.rows.end()) {
        row->status = how.end;
        row->finished = time();
        row->log += how.end == "done"
                        ? "Docker Compose Deployed: \xe2\x9c\x85\n"
                        : "Error: docker said no\n\nError occurred \xe2\x9d\x8c, check "
                          "the logs for details.\n";
        if (its.source != "raw" && its.source != "docker" && !how.clone_fails &&
            job.type == "deploy") {
            row->commit_at = clock_() + how.commit_after;
            row->commit = how.commit;
            writeCommits();
        }
    }
    its.status = how.end;
}

}  // namespace iac::fakes
