// run(): a program from its start to the end of all it started.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "base/process.hpp"

namespace iac {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kReadAtOnce = 64u << 10;

// Whether more may come.
bool readSome(Descriptor& from, int stream, const RunLimits& limits) {
    std::array<char, kReadAtOnce> buffer;
    const auto size = ::read(from.get(), buffer.data(), buffer.size());
    if (size > 0) {
        if (limits.output) limits.output(stream, {buffer.data(), static_cast<std::size_t>(size)});
        return true;
    }
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    from.close();
    return false;
}

// Standard input goes through a socket pair: a program that does not read it must not cost us a
// SIGPIPE.
struct Input {
    Descriptor ours, its;
    explicit Input(std::string_view text) : rest_(text) {
        if (text.empty()) return;
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            throw std::system_error(errno, std::generic_category(), "socketpair");
        ours = Descriptor(ends[0]);
        its = Descriptor(ends[1]);
    }
    void writeSome() {
        const auto sent =
            ::send(ours.get(), rest_.data(), rest_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
        rest_.remove_prefix(sent < 0 ? rest_.size() : static_cast<std::size_t>(sent));
        if (rest_.empty()) ours.close();
    }

private:
    std::string_view rest_;
};

class Run {
public:
    Run(const Program& program, std::string_view input, const RunLimits& limits)
        : limits_(limits), input_(input), child_(program, descriptors(), Child::Group::own) {
        input_.its.close();
        out_.write.close();
        err_.write.close();
        if (limits.timeout.count() > 0) deadline_ = SteadyClock::now() + limits.timeout;
    }

    RunEnd toEnd() {
        while (!ended_) step();
        // The group is gone before the output is: what still holds the pipe is no part of this run.
        child_.signalGroup(SIGKILL);
        const Exit exit = child_.wait();
        drain();
        return {how_, exit};
    }

private:
    Child::Descriptors descriptors() {
        Child::Descriptors result{{out_.write.get(), 1}, {err_.write.get(), 2}};
        if (input_.its) result.emplace_back(input_.its.get(), 0);
        return result;
    }

    void step() {
        std::array<pollfd, 5> watched{
            {{child_.ended(), POLLIN, 0},
             {out_.read.get(), POLLIN, 0},
             {err_.read.get(), POLLIN, 0},
             {input_.ours.get(), POLLOUT, 0},
             {stopping() || !limits_.cancel ? -1 : limits_.cancel->descriptor(), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), millisecondsLeft()) < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "poll");
        if (watched[1].revents != 0) readSome(out_.read, 1, limits_);
        if (watched[2].revents != 0) readSome(err_.read, 2, limits_);
        if (watched[3].revents != 0) input_.writeSome();
        if (watched[0].revents != 0) {
            ended_ = true;
        } else if (watched[4].revents != 0) {
            stop(RunEnd::How::cancelled);
        } else if (deadline_ && SteadyClock::now() >= *deadline_) {
            stopping() ? kill() : stop(RunEnd::How::timed_out);
        }
    }

    bool stopping() const { return how_ != RunEnd::How::exited; }
    void stop(RunEnd::How how) {
        how_ = how;
        child_.signalGroup(SIGTERM);
        child_.signalGroup(SIGCONT);  // a stopped process must be able to hear it
        deadline_ = SteadyClock::now() + limits_.grace;
    }
    void kill() {
        child_.signalGroup(SIGKILL);
        deadline_.reset();
    }
    int millisecondsLeft() const {
        if (!deadline_) return -1;
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - SteadyClock::now()).count();
        return static_cast<int>(std::clamp<decltype(left)>(left, 0, 60'000));
    }

    void drain() {
        const auto until = SteadyClock::now() + limits_.drain;
        while (out_.read || err_.read) {
            std::array<pollfd, 2> watched{
                {{out_.read.get(), POLLIN, 0}, {err_.read.get(), POLLIN, 0}}};
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
            if (left <= 0) return;
            const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left));
            if (ready == 0 || (ready < 0 && errno != EINTR)) return;
            if (watched[0].revents != 0) readSome(out_.read, 1, limits_);
            if (watched[1].revents != 0) readSome(err_.read, 2, limits_);
        }
    }

    const RunLimits& limits_;
    Input input_;
    Pipe out_, err_;
    Child child_;
    std::optional<SteadyClock::time_point> deadline_;
    RunEnd::How how_ = RunEnd::How::exited;
    bool ended_ = false;
};

}  // namespace

RunEnd run(const Program& program, std::string_view input, const RunLimits& limits) {
    return Run(program, input, limits).toEnd();
}

}  // namespace iac
