#pragma once

/// Clang's thread-safety attributes under names of our own; nothing for other compilers. The preset
/// `clang` makes each finding an error. Meaning and limits:
/// https://releases.llvm.org/16.0.0/tools/clang/docs/ThreadSafetyAnalysis.html
#if defined(__clang__)
#define IAC_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define IAC_THREAD_SAFETY(attribute)
#endif

/// A class whose objects are locks, or roles of a thread.
#define IAC_CAPABILITY(kind) IAC_THREAD_SAFETY(capability(kind))
/// A class whose objects hold a lock from their constructor to their destructor.
#define IAC_SCOPED_CAPABILITY IAC_THREAD_SAFETY(scoped_lockable)
/// A member that is read and written only while the lock is held.
#define IAC_GUARDED_BY(lock) IAC_THREAD_SAFETY(guarded_by(lock))
/// The caller holds the lock.
#define IAC_REQUIRES(...) IAC_THREAD_SAFETY(requires_capability(__VA_ARGS__))
/// The caller holds it, alone or with others.
#define IAC_REQUIRES_SHARED(...) IAC_THREAD_SAFETY(requires_shared_capability(__VA_ARGS__))
/// The caller does not hold the lock: the function takes it.
#define IAC_EXCLUDES(...) IAC_THREAD_SAFETY(locks_excluded(__VA_ARGS__))
#define IAC_ACQUIRES(...) IAC_THREAD_SAFETY(acquire_capability(__VA_ARGS__))
#define IAC_ACQUIRES_SHARED(...) IAC_THREAD_SAFETY(acquire_shared_capability(__VA_ARGS__))
#define IAC_RELEASES(...) IAC_THREAD_SAFETY(release_capability(__VA_ARGS__))
/// For the functions that implement a lock.
#define IAC_UNCHECKED IAC_THREAD_SAFETY(no_thread_safety_analysis)
