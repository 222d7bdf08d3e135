#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "http_fake.hpp"

namespace iac::fakes {

/// A Dokploy as far as an executor meets it: projects, environments, services, a queue that carries
/// out one job after the other, and the list of deployments. It does what a real v0.30.2 was seen
/// to do, with its traps: no id for a deployment that was asked for, no row while it waits, titles
/// that are overwritten, empty bodies, 401 for a spent key, rows that are pruned. Time is given, so
/// that a test may let it fly. Not thread-safe.
class Dokploy {
public:
    struct Row {
        std::string id, title, description, status = "running", created, finished, log;
        std::optional<std::string> commit;  // that is still to be written over the description
        double commit_at = 0;
    };
    struct Service {
        bool compose = true;
        std::string id, name, app_name, source, compose_file, provider;
        std::optional<std::string> environment;
        std::optional<std::string> build_args;
        bool auto_deploy = true, create_env_file = true;
        std::string status = "idle";
        std::string environment_id;
        std::string server;     // the id of the one it runs on; empty: Dokploy's own
        std::vector<Row> rows;  // newest first
    };
    struct Environment {
        std::string id, name, project_id;
        bool is_default = false;
    };
    struct Project {
        std::string id, name;
    };
    /// How one job goes, once its turn has come.
    struct Course {
        double seconds = 3;
        std::string end = "done";  // or "error"
        std::string commit;        // of the source, when it comes from git
        double commit_after = 0;   // seconds between "done" and the commit: it tells people first
        bool clone_fails = false;  // then the title stays
        std::string log = "Initializing deployment\nPulling\n";
    };
    struct Job {
        std::int64_t number = 0;
        std::string service, title, description, type = "deploy";
        bool active = false;
        double ends = 0;
        Course how = {};  // once it is active
    };
    /// A job that was begun. Never pruned: the truth, for tests.
    struct Run {
        std::string title, service, row;
        std::string environment, compose_file;  // as they were when it began
        std::string status = "running";
    };

    explicit Dokploy(std::function<double()> clock) : clock_(std::move(clock)) {}

    std::string version = "v0.30.2";
    std::string key = "the key";
    std::string role;              // of the user whose key it is; empty: user.get is not known
    std::optional<int> uses_left;  // of the key; each request costs two
    bool dev_mode = false;         // a restart then leaves rows running for ever
    std::function<Course(const Job&)> course = [](const Job&) { return Course(); };
    /// What docker.getContainersByAppNameMatch answers: state and status of each.
    std::vector<std::pair<std::string, std::string>> containers;

    HttpAnswer handle(const HttpRequest& request);

    /// A service, with its project and environment where they are missing. Its id.
    std::string add(const std::string& project, const std::string& environment,
                    const std::string& name, const std::string& source = "raw",
                    bool compose = true);
    Project& addProject(const std::string& name);
    Environment& addEnvironment(const std::string& project_id, const std::string& name);
    void renameEnvironment(const std::string& from, const std::string& to);
    Service& service(const std::string& id);
    /// Somebody presses Deploy.
    void deploy(const std::string& id, const std::string& title,
                const std::string& description = "");
    /// What is being carried out ends now.
    void finishRunning();
    /// The container of Dokploy starts again.
    void restart();
    /// Lets happen what has happened by now. handle() does it first.
    void advance();

    const std::vector<Project>& projects() const { return projects_; }
    const std::vector<Environment>& environments() const { return environments_; }
    std::map<std::string, Service>& services() { return services_; }
    const std::deque<Job>& queue() const { return queue_; }
    const std::vector<Run>& runs() const { return runs_; }

private:
    struct Call;
    using Procedure = HttpAnswer (Dokploy::*)(const Call&);
    static const std::map<std::string, std::pair<std::string, Procedure>>& procedures();

    bool keyIsSpent();
    void writeCommits();
    void begin(Job& job);
    void finish(Job& job);
    std::string nextId(const char* kind);
    std::string time() const;
    Service* find(const std::string& id);

    HttpAnswer getVersion(const Call&);
    HttpAnswer getUser(const Call&);
    HttpAnswer allProjects(const Call&);
    HttpAnswer createProject(const Call&);
    HttpAnswer createEnvironment(const Call&);
    HttpAnswer createCompose(const Call&);
    HttpAnswer one(const Call&);
    HttpAnswer update(const Call&);
    HttpAnswer saveApplicationEnvironment(const Call&);
    HttpAnswer askDeploy(const Call&);
    HttpAnswer allRows(const Call&);
    HttpAnswer queueList(const Call&);
    HttpAnswer readLogs(const Call&);
    HttpAnswer containersOf(const Call&);
    std::string serviceJson(const Service& service, bool whole);
    std::string projectJson(const Project& project) const;
    std::string environmentJson(const Environment& environment) const;

    std::function<double()> clock_;
    std::int64_t last_id_ = 0;
    std::int64_t last_job_ = 0;
    std::vector<Project> projects_;
    std::vector<Environment> environments_;
    std::map<std::string, Service> services_;
    std::deque<Job> queue_;
    std::vector<Run> runs_;
};

}  // namespace iac::fakes
