#include "http/log_watch.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace iac::http {
namespace {

/// How soon a move of the deployment is noticed while its step prints nothing.
constexpr int kLookMilliseconds = 250;
/// A step that prints a lot is read in pieces, not word by word.
constexpr std::chrono::milliseconds kBetweenLooks{20};

}  // namespace

LogWatch::LogWatch(std::filesystem::path folder)
    : folder_(std::move(folder)), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

void LogWatch::wait(int caller) {
    std::this_thread::sleep_until(looked_ + kBetweenLooks);
    if (watched_ < 0)  // the folder comes with the first attempt
        watched_ = ::inotify_add_watch(inotify_.get(), folder_.c_str(),
                                       IN_MODIFY | IN_CREATE | IN_MOVED_TO);
    std::array<pollfd, 2> wakes{{{inotify_.get(), POLLIN, 0}, {caller, POLLRDHUP, 0}}};
    ::poll(wakes.data(), wakes.size(), kLookMilliseconds);
    hung_up_ = (wakes[1].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
    std::array<char, 4096> events{};
    while (::read(inotify_.get(), events.data(), events.size()) > 0) {
    }
    looked_ = Steady::now();
}

}  // namespace iac::http
