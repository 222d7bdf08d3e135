#include "sighting.hpp"

#include <algorithm>

namespace iac::dokploy {
namespace {

const std::string kNone = "none";

Seen seenOf(const std::string& status) {
    if (status == "done") return Seen::done;
    if (status == "error") return Seen::error;
    if (status == "cancelled") return Seen::cancelled;
    return Seen::running;
}

}  // namespace

Before beforeOf(const std::vector<Row>& rows) {
    Before before;
    for (const auto& row : rows) before.ids.insert(row.id);
    return before;
}

std::string markOf(const std::vector<Row>& rows) {
    return rows.empty() || rows.front().id.empty() ? kNone : rows.front().id;
}

Before beforeOf(const std::vector<Row>& rows, const std::string& mark) {
    Before before;
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.id == mark; });
    for (auto row = found; row != rows.end(); ++row) before.ids.insert(row->id);
    return before;
}

Seen Sighting::see(const std::vector<Row>& rows, const std::vector<Job>& jobs) {
    const bool in_queue =
        std::any_of(jobs.begin(), jobs.end(), [&](const Job& job) { return job.title == title_; });
    if (const Row* row = ours(rows, in_queue)) {
        id_ = row->id;
        commit_ = row->commit();
        return seenOf(row->status);
    }
    return in_queue ? Seen::waiting : Seen::nothing;
}

const Row* Sighting::ours(const std::vector<Row>& rows, bool in_queue) const {
    for (const auto& row : rows)
        if (id_.empty() ? row.title == title_ && before_.ids.count(row.id) == 0 : row.id == id_)
            return &row;
    if (!id_.empty() || !overwrites_ || in_queue) return nullptr;
    // It does not wait, and nothing that runs has its title: if it has ended, it has lost it. Of
    // several the newest counts: each of them began with what was written before the first.
    for (const auto& row : rows)
        if (before_.ids.count(row.id) == 0 && !row.commit().empty()) return &row;
    return nullptr;
}

}  // namespace iac::dokploy
