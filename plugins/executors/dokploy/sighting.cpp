#include "sighting.hpp"

#include <algorithm>

namespace iac::dokploy {
namespace {

Seen seenOf(const std::string& status) {
    if (status == "done") return Seen::done;
    if (status == "error") return Seen::error;
    if (status == "cancelled") return Seen::cancelled;
    return Seen::running;
}

}  // namespace

Before beforeOf(const std::vector<Row>& rows, const std::vector<Job>& jobs) {
    Before before;
    int running = 0;
    for (const auto& row : rows) {
        before.ids.insert(row.id);
        if (row.status == "running") ++running;
    }
    if (!rows.empty()) before.newest = rows.front().id;
    for (const auto& job : jobs)
        // One that is being carried out has its row already, or gets it in a moment.
        if (job.waiting || --running < 0) ++before.ahead;
    return before;
}

Before beforeOf(const std::vector<Row>& rows, const std::string& newest) {
    Before before;
    before.newest = newest;
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.id == newest; });
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

const Row* Sighting::ours(const std::vector<Row>& rows, bool in_queue) {
    std::vector<const Row*> overwritten;  // newest first, as the rows are
    for (const auto& row : rows) {
        if (!id_.empty()) {
            if (row.id == id_) return &row;
            continue;
        }
        if (before_.ids.count(row.id) > 0) continue;
        if (row.title == title_) return &row;
        if (row.status == "running" || row.commit().empty()) foreign_.insert(row.id);
        if (foreign_.count(row.id) == 0) overwritten.push_back(&row);
    }
    if (!id_.empty() || !overwrites_ || in_queue) return nullptr;
    // Carried out one after the other, in the order they were asked for: those that were ahead of
    // ours and were not recognized as somebody else's come first.
    const auto unknown = std::max(0, before_.ahead - static_cast<int>(foreign_.size()));
    const auto place = static_cast<std::size_t>(unknown);
    return place < overwritten.size() ? overwritten[overwritten.size() - 1 - place] : nullptr;
}

}  // namespace iac::dokploy
