-- wrk sends the requests of a file that tests/bench/pushes wrote, each once, from number FIRST on.
-- PUSHES: the file; SIZE: bytes of one request; COUNT: how many there are; LAST: stop there, if set.
local ffi = require("ffi")
ffi.cdef [[
int open(const char* path, int flags, ...);
void* mmap(void* address, size_t size, int protection, int flags, int file, long offset);
int getpid(void);
int kill(int process, int signal);
]]

local function number(name) return tonumber(os.getenv(name) or "0") end

local size, count, last = number("SIZE"), number("COUNT"), number("LAST")
local interrupt = 2 -- wrk's own way to stop before its time
local requests
local threads = {}
sent = number("FIRST")

function setup(thread) table.insert(threads, thread) end

function init()
    local read, private = 1, 2
    local file = ffi.C.open(os.getenv("PUSHES"), 0)
    requests = ffi.cast("const char*", ffi.C.mmap(nil, size * count, read, private, file, 0))
end

function request()
    local at = sent % count
    sent = sent + 1
    if last > 0 and sent == last then ffi.C.kill(ffi.C.getpid(), interrupt) end
    return ffi.string(requests + at * size, size)
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\nresult {"requests": %d, "seconds": %.6f, "p50": %.1f, "p99": %.1f, "next": %d, "refused": %d, "broken": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
        threads[1]:get("sent"), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout))
end
