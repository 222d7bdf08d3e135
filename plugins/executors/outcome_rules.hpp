#pragma once

#include <array>
#include <cstddef>
#include <iac/plugin.hpp>
#include <iac/text.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace iac::executors {

/// `with.outcomes` of an executor: texts in the output of a program that say how it ended, for
/// programs that do not know IAC_OUTPUT. A text is looked for in each line, in any case, with
/// terminal escapes taken out.
class OutcomeRules {
public:
    explicit OutcomeRules(const Value& config);

    /// Whether a run that says nothing is known to have changed something.
    bool knowsUnchanged() const { return !unchanged_.empty(); }

    enum class Said { nothing, unchanged, failed, retry };

    /// Reads the output of one run. One thread.
    class Reader {
    public:
        explicit Reader(const OutcomeRules& rules) : rules_(rules) {}
        void add(int stream, std::string_view bytes);
        /// Of all that was said the gravest: retry, then failed, then unchanged.
        Said said();
        /// The line that said it, fit for a sentence.
        const std::string& line() const { return line_; }

    private:
        struct Stream {
            text::Stripper stripper{text::Keep{true, false}};
            std::string line;
        };
        void end(std::string& line, std::size_t keep);

        const OutcomeRules& rules_;
        std::array<Stream, 2> streams_;
        Said said_ = Said::nothing;
        std::string line_;
    };

private:
    Said of(std::string_view folded) const;

    std::vector<std::string> unchanged_, failed_, retry_;  // in lower case
    std::size_t longest_ = 0;                              // of them
};

}  // namespace iac::executors
