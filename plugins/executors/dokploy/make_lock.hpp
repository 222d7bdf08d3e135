#pragma once

#include "world.hpp"

namespace iac::dokploy {

/// Held while something is made in Dokploy, so that of several steps of this host, each in a
/// process of its own, one looks and makes at a time: two that find nothing at the same moment
/// would make it twice, and names would lead to two places from then on. The kernel ends it with
/// the process, however that ends.
class MakeLock {
public:
    /// Waits for it, for `patience` seconds at most; then it goes on without: the tie is broken by
    /// looking again.
    MakeLock(World& world, double patience);
    ~MakeLock();
    MakeLock(const MakeLock&) = delete;
    MakeLock& operator=(const MakeLock&) = delete;

private:
    int file_ = -1;
};

}  // namespace iac::dokploy
