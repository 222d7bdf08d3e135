#include "history/step_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

namespace iac::history {
namespace {

// How much of it was written: all, unless the disk has no room or does not work.
std::size_t writeAt(int file, std::string_view bytes, std::uint64_t at) noexcept {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto written =
            ::pwrite(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        done += static_cast<std::size_t>(written);
    }
    return done;
}

}  // namespace

std::filesystem::path stepLogFile(const std::filesystem::path& data, DeploymentId deployment,
                                  StepId step, int attempt) {
    return data / "logs" / std::to_string(deployment) /
           (std::to_string(step) + "-" + std::to_string(attempt) + ".log");
}

StepLog::StepLog(std::filesystem::path file, std::uint64_t limit)
    : file_(std::move(file)),
      head_(limit / 2),
      ring_(std::max<std::uint64_t>(limit - limit / 2, 1)) {
    std::filesystem::create_directories(file_.parent_path());
    out_ = Descriptor(::open(file_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!out_)
        throw std::system_error(errno, std::generic_category(),
                                "cannot write the log of a step, " + file_.string());
}

StepLog::~StepLog() {
    try {
        finish();
    } catch (const std::exception&) {
        // What was written stays readable; it is only not in order.
        return;
    }
}

void StepLog::write(std::string_view bytes) {
    tail_ += bytes.substr(bytes.size() - std::min(bytes.size(), kTail));
    if (tail_.size() > 2 * kTail) tail_.erase(0, tail_.size() - kTail);
    while (!bytes.empty()) {
        const std::uint64_t at = written_ < head_ ? written_ : head_ + (written_ - head_) % ring_;
        const std::uint64_t room = written_ < head_ ? head_ - written_ : head_ + ring_ - at;
        const auto part = bytes.substr(0, std::min<std::uint64_t>(room, bytes.size()));
        const std::size_t done = writeAt(out_.get(), part, at);
        written_ += done;
        if (done < part.size()) {
            lost_ += bytes.size() - done;
            return;
        }
        bytes.remove_prefix(part.size());
    }
}

void StepLog::finish() {
    if (!out_) return;
    if (lost_ > 0)
        write("\n... " + std::to_string(lost_) +
              " bytes could not be written here: the disk had no room ...\n");
    out_.close();
    if (written_ <= head_ + ring_) return;  // it is in order as it is

    // head | ring: the oldest byte of the ring lies where the next one would be written.
    const std::uint64_t oldest = (written_ - head_) % ring_;
    const std::filesystem::path ordered = file_.string() + ".new";
    {
        std::ifstream in(file_, std::ios::binary);
        std::ofstream out(ordered, std::ios::binary);
        in.exceptions(std::ios::badbit);
        out.exceptions(std::ios::badbit | std::ios::failbit);
        const auto copy = [&](std::uint64_t from, std::uint64_t size) {
            std::string buffer(64u << 10, '\0');
            in.seekg(static_cast<std::streamoff>(from));
            while (size > 0) {
                in.read(buffer.data(),
                        static_cast<std::streamsize>(std::min<std::uint64_t>(size, buffer.size())));
                if (in.gcount() == 0) return;
                out.write(buffer.data(), in.gcount());
                size -= static_cast<std::uint64_t>(in.gcount());
            }
        };
        copy(0, head_);
        out << "\n... " << written_ - head_ - ring_ << " bytes are left out here ...\n";
        copy(head_ + oldest, ring_ - oldest);
        copy(head_, oldest);
    }
    std::filesystem::permissions(
        ordered, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::rename(ordered, file_);
}

}  // namespace iac::history
