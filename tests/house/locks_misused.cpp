// Read by tests/house/locks, and compiled by nobody: what Clang has to reject, and what it has to accept.
#include "base/guarded.hpp"
#include "base/mutex.hpp"

namespace {

class Counter {
public:
    void once() { ++*count_.lock(); }
    void afterEachOther() {
        ++*count_.lock();
        auto held = count_.lock();
        ++*held;
    }
    void twice() {
        auto held = count_.lock();  // expected-note {{mutex acquired here}}
        ++*count_.lock();           // expected-warning {{acquiring mutex 'count_' that is already held}}
    }
    void callsOneThatLocks() {
        auto held = count_.lock();
        locks();  // expected-warning {{cannot call function 'locks' while mutex 'count_' is held}}
    }
    void locks() IAC_EXCLUDES(count_) { ++*count_.lock(); }

    void guarded() {
        const auto held = mutex_.lock();
        ++beside_;
        needsIt();
    }
    void unguarded() {
        ++beside_;  // expected-warning {{writing variable 'beside_' requires holding mutex 'mutex_' exclusively}}
    }
    int reads() {
        return beside_;  // expected-warning {{reading variable 'beside_' requires holding mutex 'mutex_'}}
    }
    void onlyUntilTheEndOfTheBlock() {
        {
            const auto held = mutex_.lock();
            needsIt();
        }
        needsIt();  // expected-warning {{calling function 'needsIt' requires holding mutex 'mutex_' exclusively}}
    }
    void needsIt() IAC_REQUIRES(mutex_) { ++beside_; }

    void shares() {
        const auto held = shared_.share();
        needsAny();
        needsAlone();  // expected-warning {{calling function 'needsAlone' requires holding mutex 'shared_' exclusively}}
    }
    void isAlone() {
        const auto held = shared_.lock();
        needsAny();
        needsAlone();
    }
    void needsAny() IAC_REQUIRES_SHARED(shared_) {}
    void needsAlone() IAC_REQUIRES(shared_) {}

    void run() {
        const auto role = thread_.assume();
        onThread();
    }
    void fromElsewhere() {
        onThread();  // expected-warning {{calling function 'onThread' requires holding role 'thread_' exclusively}}
    }

private:
    void onThread() IAC_REQUIRES(thread_) { ++pages_; }

    iac::Guarded<int> count_{0};
    iac::Mutex mutex_;
    int beside_ IAC_GUARDED_BY(mutex_) = 0;
    iac::SharedMutex shared_;
    iac::ThreadRole thread_;
    int pages_ IAC_GUARDED_BY(thread_) = 0;
};

}  // namespace
