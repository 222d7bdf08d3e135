// iac.github-status: what becomes of a commit, as a commit status and as a deployment on GitHub.

#include <iac/plugin.hpp>

#include "../exchange.hpp"
#include "../news.hpp"
#include "../text.hpp"
#include "api.hpp"
#include "state.hpp"

namespace {

using iac::notifiers::News;
namespace github_status = iac::github_status;
namespace notifiers = iac::notifiers;

class GitHubStatus final : public iac::Notifier {
public:
    static constexpr iac::Info info{"iac.github-status", "1.0.0",
                                    "Shows on GitHub what became of a commit"};
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false, "required": ["token"],
        "properties": {
            "token": {
                "type": "string", "minLength": 1, "writeOnly": true,
                "description": "A token that may write commit statuses and deployments.",
                "examples": ["github_pat_1"]},
            "repository": {
                "type": "string", "pattern": "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", "maxLength": 200,
                "description": "owner/name; without it, the repository that is deployed.",
                "examples": ["octocat/infrastructure"]},
            "api_url": {
                "type": "string",
                "description": "Of GitHub Enterprise: https://HOST/api/v3. Without it, that of the repository's host."},
            "statuses": {
                "type": "boolean", "default": true,
                "description": "Set a commit status."},
            "deployments": {
                "type": "boolean", "default": true,
                "description": "Make a deployment of GitHub's."},
            "context": {
                "type": "string", "minLength": 1, "maxLength": 100, "default": "iac-runner/{environment}",
                "description": "The name of the commit status; fields stand in braces."},
            "title": {
                "type": "string", "minLength": 1, "maxLength": 500, "default": "{what} {id} {outcome}",
                "description": "The description of statuses and deployments; fields stand in braces."},
            "production": {
                "type": "array", "items": {"type": "string"}, "default": ["production"],
                "description": "The environments that GitHub is to call production."},
            "environment_urls": {
                "type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 100,
                "description": "Where an environment can be visited, by its name."}},
        "x-iac-events": ["queued", "started", "finished"]})";

    explicit GitHubStatus(const iac::Value& config)
        : token_(config.get<std::string>("token")),
          repository_(config.get<std::string>("repository", "")),
          api_url_(notifiers::withoutSlash(config.get<std::string>("api_url", ""))),
          statuses_(config.get<bool>("statuses", true)),
          deployments_(config.get<bool>("deployments", true)),
          wording_{{"context", config.get<std::string>("context", "iac-runner/{environment}"),
                    notifiers::fieldNames()},
                   {"title", config.get<std::string>("title", "{what} {id} {outcome}"),
                    notifiers::fieldNames()},
                   config.get<std::vector<std::string>>("production", {"production"}),
                   github_status::readUrls(config)} {
        if (!api_url_.empty()) notifiers::checkUrl("api_url", api_url_, true);
        notifiers::checkHeader("token", token_);
    }

    void notify(const iac::Value& input, const iac::Call& call) override {
        const News news = notifiers::readNews(input);
        const auto place = github_status::placeOf(news, repository_, api_url_);
        const github_status::Api api(call, place.api_url, token_, place.repository);
        if (news.sample) return look(api, call);
        // A dry run changes nothing, a commit that is not known yet can carry no status, and GitHub
        // takes 1,000 of them for a commit and context: none is spent on a step.
        if (news.dry_run || news.revision.empty() || news.event == "deployment.step") return;
        auto memory = github_status::readMemory(news.memory);
        if (statuses_ && github_status::setsStatus(news, memory))
            setStatus(news, memory, api, call);
        if (deployments_) setDeployment(news, memory, api, call);
    }

private:
    // A made-up commit has no status: the sample is whether the token may write at all.
    static void look(const github_status::Api& api, const iac::Call& call) {
        const iac::Value found = api.get("", "the permissions");
        const std::string name = found.get<std::string>("full_name", "the repository");
        const auto push = found.find<iac::Value>("permissions/push");
        if (push && push->isBool() && push->json() == "false")
            iac::fail(
                "the token may see " + name + ", but not write there",
                {"permission", "Give it \"Commit statuses: write\" and \"Deployments: write\"."});
        answered(call, "GitHub shows " + name + " to this token");
    }

    void setStatus(const News& news, github_status::Memory& memory, const github_status::Api& api,
                   const iac::Call& call) const {
        api.post("/statuses/" + news.revision, github_status::commitStatus(news, wording_),
                 "the commit status");
        memory.marked = true;
        remember(call, github_status::textOf(memory));
        answered(call, "GitHub took the commit status");
    }

    void setDeployment(const News& news, github_status::Memory& memory,
                       const github_status::Api& api, const iac::Call& call) const {
        std::string& id = memory.deployment;
        if (id.empty()) {
            const iac::Value made = api.post(
                "/deployments", github_status::deployment(news, wording_), "the deployment");
            id = github_status::idIn(made);
            remember(call, github_status::textOf(memory));
        }
        api.post("/deployments/" + id + "/statuses",
                 github_status::deploymentStatus(news, wording_), "the deployment status");
        answered(call, "GitHub shows it as deployment " + id);
    }

    const std::string token_, repository_, api_url_;
    const bool statuses_, deployments_;
    const github_status::Wording wording_;
};

}  // namespace

IAC_PLUGINS(GitHubStatus);
