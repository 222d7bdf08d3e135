#include "http/connections.hpp"

#include <sys/socket.h>

namespace iac::http {
namespace {

/// How exactly deadlines are kept: far below the shortest of them, and far above the cost of a
/// look.
constexpr std::chrono::milliseconds kTick{50};

Steady::rep ticks(Steady::time_point time) {
    return time.time_since_epoch().count();
}

/// Whether it may be made to go for another one.
bool keepsUsWaiting(PhaseUntil state, Steady::rep since) {
    switch (state.phase()) {
        case Phase::idle:
        case Phase::reading:
            return true;
        case Phase::writing:
            return state.hasDeadline() &&
                   since + std::chrono::nanoseconds(Connections::kSlowReader).count() <
                       ticks(Steady::now());
        case Phase::working:
        case Phase::waiting:
            return false;
    }
    return false;
}

}  // namespace

void Slot::enter(Phase phase, Steady::time_point deadline) {
    since_ = ticks(Steady::now());
    state_ = PhaseUntil(phase, deadline);
}

void Slot::extend(Steady::time_point deadline) {
    state_ = PhaseUntil(state().phase(), deadline);
}

void Slot::beginPiece(Steady::time_point deadline) {
    since_ = ticks(Steady::now());
    extend(deadline);
}

Connections::Connections(const ConnectionLimits& limits) : limits_(limits) {
    const int most = limits.connections + limits.waiting + kReserve;
    const auto all = static_cast<std::size_t>(most);
    auto counts = counts_.lock();
    for (std::size_t i = 0; i < all; ++i) {
        slots_.push_back(std::make_unique<Slot>());
        slots_.back()->index_ = i;
        counts->free.push_back(all - 1 - i);
    }
    reaper_ = std::thread([this] { reap(); });
}

Connections::~Connections() {
    counts_.lock()->stopping = true;
    changed_.notify_all();
    reaper_.join();
}

bool Connections::admit(int socket, const std::string& address, bool limited) {
    bool crowded = false;
    int beyond = -1;  // the limit of the address
    {
        auto counts = counts_.lock();
        if (counts->all >= limits_.connections + kReserve) return false;
        crowded = counts->all >= limits_.connections;
        if (const auto found = counts->by_address.find(address);
            limited && found != counts->by_address.end())
            beyond = found->second - limits_.per_address;
        if (beyond >= kReserve) return false;
    }
    bool reserved = false;
    if (beyond >= 0) {
        reserved = !makeRoom(&address);
        if (reserved && beyond >= kReservePerAddress) return false;
    } else if (crowded) {
        reserved = !makeRoom(nullptr);
    }
    count(address, 1);
    counts_.lock()->admitted[socket] = {address, reserved};
    return true;
}

bool Connections::identify(Slot& slot, const std::string& address) {
    if (slot.address_ == address) return true;
    {
        auto counts = counts_.lock();
        const auto found = counts->by_address.find(address);
        if (found != counts->by_address.end() && found->second >= limits_.per_address) return false;
    }
    count(slot.address_, -1);
    count(address, 1);
    const auto lock = slot.closing_.lock();
    slot.address_ = address;
    return true;
}

Slot& Connections::open(int socket) {
    std::size_t index = 0;
    Counts::Admitted admitted;
    {
        auto counts = counts_.lock();
        if (auto found = counts->admitted.extract(socket)) admitted = found.mapped();
        index = counts->free.back();
        counts->free.pop_back();
        ++open_;
    }
    changed_.notify_all();
    Slot& slot = *slots_[index];
    const auto lock = slot.closing_.lock();
    slot.enter(Phase::idle, {});
    slot.cut_ = false;
    slot.address_ = admitted.address;
    slot.reserved_ = admitted.reserved;
    slot.socket_ = socket;
    return slot;
}

void Connections::close(Slot& slot) {
    std::string address;
    {
        const auto lock = slot.closing_.lock();
        slot.socket_ = -1;
        address = slot.address_;
    }
    {
        // Free before it is not counted any more: whoever is admitted then finds a slot.
        auto counts = counts_.lock();
        counts->free.push_back(slot.index_);
        --open_;
    }
    count(address, -1);
    changed_.notify_all();
}

void Connections::beginWait(Slot& slot) {
    slot.enter(Phase::waiting, {});
    count(slot.address_, -1);
}

void Connections::endWait(Slot& slot, Steady::time_point deadline) {
    count(slot.address_, 1);
    slot.enter(Phase::working, deadline);
}

void Connections::count(const std::string& address, int by) {
    auto counts = counts_.lock();
    counts->all += by;
    const auto entry = counts->by_address.try_emplace(address, 0).first;
    entry->second += by;
    if (entry->second <= 0) counts->by_address.erase(entry);
}

bool Connections::makeRoom(const std::string* address) {
    Slot* longest = nullptr;
    PhaseUntil seen(Phase::idle, {});
    for (const auto& slot : slots_) {
        const auto lock = slot->closing_.lock();
        const PhaseUntil state = slot->state();
        if (slot->socket_ < 0 || slot->cut_ || !keepsUsWaiting(state, slot->since_)) continue;
        if (address != nullptr && slot->address_ != *address) continue;
        if (longest != nullptr && slot->since_ >= longest->since_) continue;
        longest = slot.get();
        seen = state;
    }
    if (longest == nullptr) return false;
    const auto lock = longest->closing_.lock();
    if (seen.phase() != Phase::writing) return endReading(*longest, seen);
    if (longest->socket_ < 0 || !longest->state_.compare_exchange_strong(seen, {seen.phase(), {}}))
        return false;
    end(*longest);
    return true;
}

bool Connections::endReading(Slot& slot, PhaseUntil seen) {
    // A deadline of its own only while nothing has changed: what it does next has another one.
    const PhaseUntil last_words(seen.phase(), Steady::now() + kLastWords);
    if (slot.socket_ < 0 || !slot.state_.compare_exchange_strong(seen, last_words)) return false;
    slot.cut_ = true;
    // A request that just became whole is still answered: only what more it says is not heard.
    ::shutdown(slot.socket_, SHUT_RD);
    return true;
}

void Connections::end(Slot& slot) {
    slot.cut_ = true;
    ::shutdown(slot.socket_, SHUT_RDWR);
}

void Connections::reap() {
    for (;;) {
        {
            auto counts = counts_.lock();
            counts.wait(changed_, [this](const Counts& now) { return now.stopping || open_ > 0; });
            counts.waitUntil(changed_, Steady::now() + kTick,
                             [](const Counts& now) { return now.stopping; });
            if (counts->stopping) return;
        }
        const auto now = Steady::now();
        for (const auto& slot : slots_) {
            if (!slot->state().isLate(now)) continue;
            const auto lock = slot->closing_.lock();
            PhaseUntil seen = slot->state();
            if (slot->socket_ < 0 || !seen.isLate(now)) continue;
            if (seen.phase() == Phase::reading && !slot->cut_) {
                endReading(*slot, seen);
            } else if (seen.phase() != Phase::working && seen.phase() != Phase::waiting &&
                       slot->state_.compare_exchange_strong(seen, {seen.phase(), {}})) {
                end(*slot);
            }
        }
    }
}

void Connections::cutIdle() {
    for (const auto& slot : slots_) {
        const auto lock = slot->closing_.lock();
        const PhaseUntil seen = slot->state();
        if (seen.phase() == Phase::idle) endReading(*slot, seen);
    }
}

void Connections::cutAll() {
    for (const auto& slot : slots_) {
        const auto lock = slot->closing_.lock();
        if (slot->socket_ >= 0) end(*slot);
    }
}

bool Connections::waitUntilNone(Steady::time_point deadline) {
    auto counts = counts_.lock();
    return counts.waitUntil(changed_, deadline, [this](const Counts&) { return open_ == 0; });
}

}  // namespace iac::http
