// Which of the deployments and jobs that Dokploy shows is ours. Dokploy gives no id to follow: a
// deployment has no row while it waits, and one from git loses its title when it ends.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "remote.hpp"

namespace iac::dokploy {

/// What one look shows of our deployment.
enum class Seen { nothing, waiting, running, done, error, cancelled };

/// The deployments that were there before one was asked for.
struct Before {
    std::set<std::string> ids;
};
Before beforeOf(const std::vector<Row>& rows);

/// The newest of what is there, as a word that can be kept for a later attempt:
/// "MX_nQ86V0_ZIBtcXCT5ou", "none".
std::string markOf(const std::vector<Row>& rows);
/// What was there when that mark was made, as far as the rows still tell.
Before beforeOf(const std::vector<Row>& rows, const std::string& mark);

/// Recognizes one deployment from look to look.
class Sighting {
public:
    /// overwrites: whether Dokploy may overwrite its title at its end.
    Sighting(std::string title, Before before, bool overwrites)
        : title_(std::move(title)), before_(std::move(before)), overwrites_(overwrites) {}

    /// The jobs have to be looked at before the rows: what moves from one to the other in between
    /// is then seen twice, not missed.
    Seen see(const std::vector<Row>& rows, const std::vector<Job>& jobs);

    /// The deploymentId, once its row has been seen.
    const std::string& id() const { return id_; }
    /// What Dokploy took, once it has ended, where it fetched the files from git.
    const std::string& commit() const { return commit_; }

private:
    const Row* ours(const std::vector<Row>& rows, bool in_queue) const;

    const std::string title_;
    const Before before_;
    const bool overwrites_;
    std::string id_, commit_;
};

}  // namespace iac::dokploy
