// What GitHub is told, as values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "../news.hpp"
#include "../template.hpp"

namespace iac::github_status {

using notifiers::News;

/// How the configuration wants it said.
struct Wording {
    notifiers::Template context, title;
    std::vector<std::string> production;
    std::map<std::string, std::string> environment_urls;
};
/// `environment_urls`; iac::invalid with the place of one that is no address.
std::map<std::string, std::string> readUrls(const Value& config);

/// Where the commit is.
struct Place {
    std::string api_url, repository;  ///< "https://api.github.com", "owner/name"
};
/// What the configuration says, else what the repository's address says; iac::invalid when neither
/// does.
Place placeOf(const News& news, const std::string& repository, const std::string& api_url);

/// The bodies of the requests.
Object commitStatus(const News& news, const Wording& wording);
Object deployment(const News& news, const Wording& wording);
Object deploymentStatus(const News& news, const Wording& wording);

/// What was shown of a deployment of ours before.
struct Memory {
    std::string deployment;  ///< GitHub's id of its deployment; empty: none was made
    bool marked = false;     ///< its commit has a status
};
Memory readMemory(const std::string& text);
std::string textOf(const Memory& memory);
/// Whether the commit gets a status. One that waits gets none: GitHub cannot take a status back,
/// and of a burst of pushes all but the last are superseded.
bool setsStatus(const News& news, const Memory& memory);

/// The id in the answer to a new deployment; iac::fail when GitHub merged instead of making one.
std::string idIn(const Value& made);

}  // namespace iac::github_status
