#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace iac::http {

/// The memory that bodies may take together while they are read and understood. What was really
/// read counts, not what a caller announces, so that announcing costs the others nothing.
/// [any-thread]
class BodyBudget {
public:
    explicit BodyBudget(std::uint64_t bytes) : left_(static_cast<std::int64_t>(bytes)) {}

    /// What one request has taken of it; given back at its end.
    class Share {
    public:
        Share() = default;
        explicit Share(BodyBudget& budget) : budget_(&budget) {}
        Share(Share&& other) noexcept
            : budget_(std::exchange(other.budget_, nullptr)),
              taken_(std::exchange(other.taken_, 0)) {}
        Share& operator=(Share&& other) noexcept {
            giveBack();
            budget_ = std::exchange(other.budget_, nullptr);
            taken_ = std::exchange(other.taken_, 0);
            return *this;
        }
        ~Share() { giveBack(); }

        /// False: there is not so much left; nothing was taken.
        [[nodiscard]] bool take(std::uint64_t bytes) {
            const auto more = static_cast<std::int64_t>(bytes);
            if (budget_->left_.fetch_sub(more) < more) {
                budget_->left_ += more;
                return false;
            }
            taken_ += more;
            return true;
        }
        void giveBack() noexcept {
            if (budget_ != nullptr) budget_->left_ += std::exchange(taken_, 0);
        }

    private:
        BodyBudget* budget_ = nullptr;
        std::int64_t taken_ = 0;
    };

private:
    std::atomic<std::int64_t> left_;
};

}  // namespace iac::http
