#pragma once

#include <string>
#include <utility>

namespace iac {

/// Text that must not be shown. It has no operator<<, and its value is asked for by name, so that
/// every place that reads it can be found.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    const std::string& reveal() const noexcept { return value_; }
    bool empty() const noexcept { return value_.empty(); }
    bool operator==(const Secret&) const = default;

private:
    std::string value_;
};

}  // namespace iac
