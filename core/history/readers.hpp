#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "history/connection.hpp"

namespace iac::history {

/// A few read-only connections, lent one at a time. A query that takes longer than the deadline is
/// interrupted, so that no forgotten reader makes the write-ahead log grow. [any-thread]
class Readers {
    using Deadline = std::chrono::steady_clock::time_point;

public:
    Readers(const std::string& file, Duration deadline);
    ~Readers();

    /// One connection, seeing one state of the database until it is given back.
    class Lent {
    public:
        ~Lent();
        Lent(const Lent&) = delete;
        Lent& operator=(const Lent&) = delete;
        Connection* operator->() { return &connection(); }
        Connection& operator*() { return connection(); }

    private:
        friend class Readers;
        struct Reader;
        Lent(Readers& from, std::unique_ptr<Reader>&& reader);
        Lent(Readers& from, std::unique_ptr<Reader>&& reader, Deadline until);
        Connection& connection();

        Readers& from_;
        std::unique_ptr<Reader> reader_;
    };

    /// Waits for a free one, at most for the deadline: then Unavailable.
    Lent lend();
    /// The same, with a deadline of the caller's.
    Lent lend(Duration deadline);

private:
    Duration deadline_;
    Guarded<std::vector<std::unique_ptr<Lent::Reader>>> free_;
    std::condition_variable returned_;
};

}  // namespace iac::history
