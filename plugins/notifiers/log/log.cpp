// iac.log: one line for each finished deployment, in a file or in the runner's own log.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iac/plugin.hpp>
#include <optional>

#include "../news.hpp"
#include "../text.hpp"
#include "line.hpp"

namespace {

class Log final : public iac::Notifier {
public:
    static constexpr iac::Info info{"iac.log", "1.0.0",
                                    "Writes one line for each finished deployment"};
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "file": {
                "type": "string", "minLength": 1,
                "description": "Absolute path of the file to append to; without it the line goes to the runner's own log.",
                "examples": ["/var/log/iac-runner/deployments.log"]},
            "title": {
                "type": "string", "minLength": 1, "maxLength": 500,
                "description": "The line, in place of the usual one; fields stand in braces.",
                "examples": ["{environment} {short_revision} {status}"]}}})";

    explicit Log(const iac::Value& config) : file_(config.get<std::string>("file", "")) {
        if (!file_.empty() && file_[0] != '/')
            iac::invalid("file: \"" + file_ + "\" is not an absolute path");
        if (const auto title = config.find<std::string>("title"))
            title_.emplace("title", *title, iac::notifiers::fieldNames());
    }

    void notify(const iac::Value& input, const iac::Call& call) override {
        const auto event = input.get<std::string>("event", "");
        if (event != "deployment.finished" && event != "deployment.recovered") return;
        const auto deployment = input.get<iac::Value>("deployment");
        const std::string line = title_ ? ownLine(input) : iac::log::line(deployment);
        if (file_.empty()) {
            call.log(line);
        } else {
            append(stamp(deployment) + line + "\n");
        }
    }

private:
    std::string ownLine(const iac::Value& input) const {
        constexpr std::size_t kLongest = 4'000;
        const auto fields = fieldsOf(iac::notifiers::readNews(input));
        return iac::notifiers::cut(iac::notifiers::oneLine(title_->fill(fields)), kLongest);
    }

    // A file has no times of its own.
    static std::string stamp(const iac::Value& deployment) {
        const auto at = deployment.find<iac::Value>("finished_at");
        return at && at->isString() ? std::string(at->string()) + " " : std::string();
    }

    // One write, so that lines of several notifications never mix.
    void append(const std::string& line) const {
        constexpr mode_t kMode = 0640;
        const int file = open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode);
        if (file < 0) giveUp(errno);
        const ssize_t written = write(file, line.data(), line.size());
        const int error = written < 0 ? errno : ENOSPC;
        close(file);
        if (written != static_cast<ssize_t>(line.size())) giveUp(error);
    }

    [[noreturn]] void giveUp(int error) const {
        const std::string message = "cannot write to " + file_ + ": " + std::strerror(error);
        if (error == ENOSPC || error == EDQUOT || error == EIO || error == EINTR)
            iac::retry(message, {"disk", "Make room on its disk; the line is written later."});
        iac::fail(message, {"file", "Let the runner's user write there, or change `file`."});
    }

    const std::string file_;
    std::optional<iac::notifiers::Template> title_;
};

}  // namespace

IAC_PLUGINS(Log);
