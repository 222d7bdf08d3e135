// callInHost(): the daemon's side of one call in the plugin host.
#include <iac/plugin.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <system_error>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "base/pause.hpp"
#include "base/process.hpp"
#include "plugin/file_identity.hpp"
#include "plugin/host.hpp"
#include "plugin/host_answer.hpp"
#include "plugin/host_program.hpp"
#include "plugin/wire.hpp"

namespace iac::plugin {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kReadAtOnce = 64u << 10;
constexpr Duration kLastSecond{1'000};  // between SIGTERM and SIGKILL; to end after the answer
constexpr Duration kDrainTime{1'000};   // for what is still in the pipes after the end

// Two ends of a socket: unlike a pipe, one that nobody reads any more costs no SIGPIPE.
struct SocketPair {
    Descriptor ours, its;
    SocketPair() {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
            throw std::system_error(errno, std::generic_category(), "socketpair");
        ours = Descriptor(ends[0]);
        its = Descriptor(ends[1]);
    }
};

class HostClient {
public:
    HostClient(const HostedCall& call, const HostedEvents& events)
        : call_(call),
          answer_(call, events),
          request_(encode(requestOf(call))),
          unsent_(request_),
          group_(call.cgroups == nullptr ? nullptr : call.cgroups->make(call.limits)),
          child_(programOf(call),
                 {{input_.its.get(), 0},
                  {out_.write.get(), 1},
                  {err_.write.get(), 2},
                  {frames_.write.get(), kFrameDescriptor}},
                 Child::Group::own_session) {
        if (group_) group_->add(child_.pid());  // it does nothing before it has read the request
        input_.its.close();
        out_.write.close();
        err_.write.close();
        frames_.write.close();
        if (call.timeout.count() > 0) deadline_ = SteadyClock::now() + call.timeout;
    }
    // Also when an event handler threw: nothing of the call is left.
    ~HostClient() {
        if (done_) return;
        if (!ended_) kill();
        child_.wait();
        killStrays();
    }
    HostClient(const HostClient&) = delete;
    HostClient& operator=(const HostClient&) = delete;

    HostedResult toEnd() {
        while (!ended_) step();
        const Exit exit = child_.wait();
        group_.reset();
        // One that came to its own end left nothing; what another left was inherited by us.
        bool nothing_left = exit.code == 0 || killStrays();
        drain();
        if (!answer_.given()) nothing_left = killStrays();
        if (!nothing_left)
            log::warning("plugin", call_.plugin->id +
                                       " started a process that cannot be killed now: it sleeps in "
                                       "the kernel; look for processes in state D");
        reapStrays();
        done_ = true;
        return answer_.result(exit);
    }

private:
    static HostRequest requestOf(const HostedCall& call) {
        return {call.plugin->file.string(),
                call.plugin->id,
                call.config,
                call.input,
                std::string(call.body),
                call.environment,
                call.directory.string(),
                call.secrets,
                static_cast<std::uint64_t>(std::max<Duration::rep>(0, call.grace.count())),
                call.memory,
                static_cast<std::uint64_t>(
                    std::chrono::ceil<std::chrono::seconds>(call.processor_time).count()),
                call.check};
    }
    static Program programOf(const HostedCall& call) {
        Program program{{hostProgram().string(), "--call", std::to_string(::getpid())},
                        hostEnvironment(call.user),
                        call.directory.empty() ? "/" : call.directory.string()};
        if (call.user != nullptr) {
            program.argv.push_back(toText(call.user->ids));
            program.directory = "/";  // it enters the work tree itself, as that user
            program.may_switch_user = true;
        }
        return program;
    }

    void step() {
        const bool may_cancel = call_.cancel != nullptr && !answer_.stopped() && !answer_.given();
        std::array<pollfd, 6> watched{{{child_.ended(), POLLIN, 0},
                                       {frames_.read.get(), POLLIN, 0},
                                       {out_.read.get(), POLLIN, 0},
                                       {err_.read.get(), POLLIN, 0},
                                       {unsent_.empty() ? -1 : input_.ours.get(), POLLOUT, 0},
                                       {may_cancel ? call_.cancel->descriptor() : -1, POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), millisecondsLeft()) < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "poll");
        if (watched[1].revents != 0) readFrames();
        if (watched[2].revents != 0) readOutput(out_.read, 1);
        if (watched[3].revents != 0) readOutput(err_.read, 2);
        if (watched[4].revents != 0) sendSome();
        if (watched[0].revents != 0) {
            ended_ = true;
        } else if (watched[5].revents != 0) {
            stop(HostAnswer::Stop::cancelled);
        } else if (deadline_ && SteadyClock::now() >= *deadline_) {
            escalate();
        }
    }

    int millisecondsLeft() const {
        if (!deadline_) return -1;
        const auto left = std::chrono::ceil<Duration>(*deadline_ - SteadyClock::now()).count();
        return static_cast<int>(std::clamp<Duration::rep>(left, 0, 60'000));
    }

    // The end of its input asks it to stop; a signal asks what may hang in a system call; then it
    // is not asked any more.
    void stop(HostAnswer::Stop why) {
        answer_.stop(why);
        unsent_ = {};
        input_.ours.close();
        asked_ = true;
        deadline_ = SteadyClock::now() + call_.grace;
    }
    void escalate() {
        if (!asked_ && !answer_.given()) return stop(HostAnswer::Stop::timed_out);
        if (asked_ && !told_ && !answer_.given()) {
            told_ = true;
            ::kill(child_.pid(), SIGTERM);
            deadline_ = SteadyClock::now() + kLastSecond;
            return;
        }
        deadline_.reset();
        kill();
    }
    void kill() {
        if (group_) group_->kill();
        killDescendants(child_.pid());
        child_.signalGroup(SIGKILL);
    }

    void sendSome() {
        const auto sent =
            ::send(input_.ours.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
        unsent_.remove_prefix(sent < 0 ? unsent_.size() : static_cast<std::size_t>(sent));
    }

    // What was read; empty at the end, when the descriptor is closed.
    std::string_view readSome(Descriptor& from) {
        const auto size = ::read(from.get(), buffer_.data(), buffer_.size());
        if (size > 0) return {buffer_.data(), static_cast<std::size_t>(size)};
        if (size == 0 || (errno != EINTR && errno != EAGAIN)) from.close();
        return {};
    }
    void readOutput(Descriptor& from, int stream) {
        if (const auto bytes = readSome(from); !bytes.empty()) answer_.output(stream, bytes);
    }
    void readFrames() {
        const auto bytes = readSome(frames_.read);
        if (bytes.empty()) return;
        const bool given_before = answer_.given();
        if (!answer_.frames(bytes)) {  // a plugin wrote where it has no business: no answer comes
            frames_.read.close();
            if (!ended_) kill();
        } else if (answer_.given() && !given_before) {
            deadline_ = SteadyClock::now() + kLastSecond;
        }
    }

    // What is still in the pipes; not for ever, should somebody still write.
    void drain() {
        const auto until = SteadyClock::now() + kDrainTime;
        while (frames_.read || out_.read || err_.read) {
            const auto left = std::chrono::ceil<Duration>(until - SteadyClock::now()).count();
            std::array<pollfd, 3> watched{{{frames_.read.get(), POLLIN, 0},
                                           {out_.read.get(), POLLIN, 0},
                                           {err_.read.get(), POLLIN, 0}}};
            if (left <= 0) return;
            const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left));
            if (ready == 0 || (ready < 0 && errno != EINTR)) return;
            if (watched[0].revents != 0) readFrames();
            if (watched[1].revents != 0) readOutput(out_.read, 1);
            if (watched[2].revents != 0) readOutput(err_.read, 2);
        }
    }

    const HostedCall& call_;
    HostAnswer answer_;
    const std::string request_;
    std::string_view unsent_;
    SocketPair input_;
    Pipe out_, err_, frames_;
    std::unique_ptr<Cgroup> group_;  // before the child: it ends what the child has left
    Child child_;
    std::array<char, kReadAtOnce> buffer_;
    std::optional<SteadyClock::time_point> deadline_;
    bool asked_ = false, told_ = false, ended_ = false, done_ = false;
};

// Between the tries to start a host on a machine that has no room for one.
constexpr int kFirstPause = 500, kLongestPause = 16'000;  // milliseconds

// No process, no memory, no descriptor: others may give some back soon.
bool mayPass(const std::exception& error) {
    const auto* known = dynamic_cast<const std::system_error*>(&error);
    return known != nullptr && (known->code() == std::errc::resource_unavailable_try_again ||
                                known->code() == std::errc::not_enough_memory ||
                                known->code() == std::errc::too_many_files_open ||
                                known->code() == std::errc::too_many_files_open_in_system);
}

// False: cancelled meanwhile.
bool pauseBeforeAnotherTry(int milliseconds, const Cancellation* cancel) {
    static const Cancellation never;
    return pauseFor(milliseconds, cancel != nullptr ? *cancel : never);
}

}  // namespace

HostedResult callInHost(const HostedCall& call, const HostedEvents& events) {
    HostedResult result;
    if (call.cancel != nullptr && call.cancel->requested()) {
        result.end = HostedResult::End::cancelled;
        result.status = IAC_CANCELLED;
        result.message = call.plugin->id + " was not started: the call was cancelled before";
        return result;
    }
    // A step runs the file that was judged: another one may not be ours, and speaks of settings
    // that were not checked by its schema.
    const auto& plugin = *call.plugin;
    if (!plugin.identity.empty() && fileIdentity(plugin.file) != plugin.identity) {
        result.end = HostedResult::End::refused;
        result.message = plugin.id + " (" + plugin.file.string() +
                         ") was not started: its file was replaced or removed since the "
                         "configuration was read; reload the configuration (SIGHUP)";
        return result;
    }
    std::optional<HostClient> client;
    for (int pause = kFirstPause; !client; pause *= 2) {
        try {
            client.emplace(call, events);
        } catch (const std::exception& error) {
            result.end = HostedResult::End::refused;
            result.message =
                call.plugin->id + " (" + call.plugin->file.string() + "): " + error.what();
            if (pause > kLongestPause || !mayPass(error)) return result;
            if (pause == kFirstPause)
                log::warning("plugin", result.message + "; it is tried again");
            if (!pauseBeforeAnotherTry(pause, call.cancel)) {
                result.end = HostedResult::End::cancelled;
                result.status = IAC_CANCELLED;
                return result;
            }
        }
    }
    failpoint("host.started");
    return client->toEnd();
}

void adoptOrphans() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

}  // namespace iac::plugin
