/* iac/plugin.h - the binary contract between iac-runner and a plugin. C11 and C++17, no dependencies.
 *
 * Compatibility
 *   abi_major must equal the runner's; abi_minor may not exceed the runner's. Within one major, structs
 *   only grow at the end, and every struct that may grow begins with its size. A released field never
 *   moves. Read a field that is newer than 1.0 only when `size` covers it. A member that a newer runner
 *   adds to the JSON of a kind is to be ignored by an older plugin.
 *
 * Memory
 *   Nobody frees what the other side allocated. Text passed in is valid until the call returns; text
 *   passed out goes through a callback, which copies it before it returns. Text is UTF-8 unless its
 *   comment says "bytes".
 *
 * Threads
 *   [any-thread]   may be called from every thread, concurrently.
 *   [exclusive]    the runner never overlaps two of these on one instance (unless IAC_CONCURRENT).
 *   [static]       constant data; the runner reads it before it calls any function.
 *
 * Where a plugin runs
 *   Executors and notifiers run in a child process, one for each step or notification: create(), one
 *   call(), destroy(). Triggers and mappers run inside the runner, with all of its rights.
 *
 * Exceptions never cross this border, in either direction.
 */
#ifndef IAC_PLUGIN_H
#define IAC_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IAC_MAGIC 0x50434149u /* "IACP" */
#define IAC_ABI_MAJOR 1
#define IAC_ABI_MINOR 1
#define IAC_EXPORT __attribute__((visibility("default")))

/* Not NUL-terminated. {NULL, 0} is the empty text. */
typedef struct iac_text {
    const char *data;
    size_t size;
} iac_text;

/* What the runner should do next. Every status but IAC_OK comes with a sentence in iac_error. */
typedef int32_t iac_status;
enum {
    IAC_OK = 0,
    IAC_FAILED = 1,    /* the work was done and did not succeed: report it, do not retry */
    IAC_RETRY = 2,     /* a passing fault: the runner may call again with the same input */
    IAC_CANCELLED = 3, /* stopped because cancelled() became true */
    IAC_INVALID = 4,   /* configuration or input makes no sense: retrying cannot help */
    IAC_INTERNAL = 5   /* a defect in the plugin, e.g. an exception that nothing caught */
};

/* The runner's memory, written by the plugin, always NUL-terminated. */
typedef struct iac_error {
    char message[1024]; /* eg: "helm exited with 1: release web has no deployed revision" */
} iac_error;

/* A parsed, immutable JSON value, owned by the runner. Read it with the functions of iac_host. */
typedef struct iac_value iac_value;
enum { IAC_NULL = 0, IAC_BOOL, IAC_NUMBER, IAC_STRING, IAC_ARRAY, IAC_OBJECT };

/* Services that outlive a call: valid until destroy() has returned. All [any-thread]. */
typedef struct iac_host {
    uint32_t size;
    uint16_t abi_major, abi_minor; /* the runner's */

    const iac_value *(*find)(const iac_value *in, iac_text json_pointer); /* RFC 6901; NULL when absent */
    int32_t (*type)(const iac_value *);                                   /* IAC_NULL ... IAC_OBJECT */
    bool (*boolean)(const iac_value *);                                   /* false for every other type */
    double (*number)(const iac_value *);                                  /* 0 for every other type */
    iac_text (*string)(const iac_value *); /* bytes; valid as long as the value; empty for other types */
    size_t (*count)(const iac_value *);    /* items of an array, members of an object, else 0 */
    iac_text (*key)(const iac_value *, size_t index);          /* name of an object's member */
    const iac_value *(*item)(const iac_value *, size_t index); /* item or member; NULL past the end */
    iac_text (*json)(const iac_value *);                       /* as JSON text; valid as long as the value */

    /* Whether `hex` (64 digits, either case) is HMAC-SHA256(secret, bytes). Takes the same time wherever
     * two signatures differ. False for an empty secret, and for anything that is not 64 hex digits. */
    bool (*hmac_sha256_matches)(iac_text secret, iac_text bytes, iac_text hex);
} iac_host;

/* Gets what a program prints, as it prints it. stream is 1 for stdout, 2 for stderr. Called on the
 * thread that called exec(). */
typedef void (*iac_output_sink)(void *user, int32_t stream, iac_text bytes);

enum { IAC_EXEC_QUIET = 1u << 0 }; /* output goes to the sink only, not to the step's log */

typedef struct iac_exec {
    uint32_t size;
    uint32_t flags;
    const iac_text *argv; /* argv[0] is looked up in PATH; no shell is involved */
    size_t argc;
    iac_text directory;          /* empty: the step's work tree */
    const iac_text *environment; /* "NAME=value", added to the clean environment of the step */
    size_t environment_count;
    iac_text input;         /* bytes for standard input; empty: /dev/null */
    double timeout_seconds; /* 0: the step's own deadline only */
    iac_output_sink sink;   /* may be NULL */
    void *user;             /* passed to sink */
} iac_exec;

typedef struct iac_http {
    uint32_t size;
    iac_text method; /* "GET" */
    iac_text url;    /* http or https; redirects are not followed */
    iac_text body;   /* bytes */
    const iac_text *headers; /* "Name: value" */
    size_t header_count;
    double timeout_seconds; /* for the whole exchange; 0: 30 s */
    uint64_t body_limit;    /* bytes of the answer's body; 0: 8 MiB. More than that is IAC_FAILED */
} iac_http;

typedef struct iac_http_reply {
    uint32_t size;
    int32_t status; /* eg: 200 */
    iac_text body;  /* bytes */
    const iac_text *headers; /* "name: value", names in lower case */
    size_t header_count;
} iac_http_reply;

/* Called once, on the thread that called http(), before http() returns. */
typedef void (*iac_http_sink)(void *user, const iac_http_reply *);

enum { IAC_DEBUG = 0, IAC_INFO, IAC_WARNING, IAC_ERROR }; /* levels of log() */

/* One call into a plugin. Valid until call() returns; do not keep it. All [any-thread]. */
typedef struct iac_call {
    uint32_t size;
    void *runner; /* the runner's own; do not touch */
    const iac_host *host;

    void (*log)(const struct iac_call *, int32_t level, iac_text sentence);  /* the runner's own log */
    void (*output)(const struct iac_call *, int32_t stream, iac_text bytes); /* the step's log */
    void (*progress)(const struct iac_call *, double fraction, iac_text sentence); /* fraction: 0 to 1 */
    void (*emit)(const struct iac_call *, iac_text json); /* a result; its shape depends on the kind */
    bool (*cancelled)(const struct iac_call *);

    /* Parses JSON: strict, UTF-8 checked, at most 64 deep. NULL, with the reason, when it is not JSON.
     * The value is valid until call() returns. */
    const iac_value *(*parse)(const struct iac_call *, iac_text json, iac_error *);

    /* Runs a program in a process group of its own, streams what it prints, and ends the whole group on
     * cancel or timeout (SIGTERM, after the grace time SIGKILL). May block.
     * IAC_OK: it ran and ended; *exit_code is its exit code, or minus the signal that ended it.
     * IAC_FAILED: it could not be started, or ran into timeout_seconds. IAC_CANCELLED: see cancelled(). */
    iac_status (*exec)(const struct iac_call *, const iac_exec *, int32_t *exit_code, iac_error *);

    /* One HTTP request; TLS certificates are verified. May block. IAC_OK: there was an answer, of
     * whatever status. IAC_RETRY: no connection, no name, or no answer in time. */
    iac_status (*http)(const struct iac_call *, const iac_http *, iac_http_sink, void *user, iac_error *);

    /* ABI 1.1 */

    /* Executors: the value of a secret that the service names in `secrets`; {NULL, 0} for every other
     * name, and in the other kinds. Valid until call() returns. */
    iac_text (*secret)(const struct iac_call *, iac_text name);
    /* From here on the runner masks that text wherever it shows or keeps one: for a secret that the plugin
     * has fetched itself. Call it before the secret can be printed. At most 100 of them in one call; one
     * of less than 4 bytes is not masked. */
    void (*mask)(const struct iac_call *, iac_text secret);
} iac_call;

enum { IAC_CONCURRENT = 1u << 0 }; /* call() may be entered by several threads at once */

typedef struct iac_plugin {
    uint32_t size;
    uint32_t flags;
    const char *kind;    /* "trigger/1", "mapper/1", "executor/1", "notifier/1" */
    const char *id;      /* "acme.helm": lower case, unique in one runner */
    const char *version; /* "1.4.2" */
    const char *summary; /* one line, for `iac-runner plugins list` */
    const char *schema;  /* JSON Schema of the configuration (`with`); checked before create() */

    /* Executors: JSON Schema of what a service may say (`services[].with`). NULL: a service says nothing. */
    const char *service_schema;
    /* Triggers: the requests it answers, eg "POST /deploy, POST /sync". NULL for the other kinds. */
    const char *routes;

    /* The configuration is valid and complete, and stays valid until destroy(). NULL means failure, with
     * the reason in iac_error. [exclusive] */
    void *(*create)(const iac_host *, const iac_value *config, iac_error *);
    /* Must join every thread it started. [exclusive] */
    void (*destroy)(void *self);
    /* The work. What `input` holds and what is to be emitted is said for each kind in plugin.hpp and in
     * sdk/README.md. [exclusive] */
    iac_status (*call)(void *self, const iac_call *, const iac_value *input, iac_error *);
} iac_plugin;

typedef struct iac_module {
    uint32_t magic; /* IAC_MAGIC */
    uint16_t abi_major, abi_minor;
    const char *built_with; /* for messages only, eg: "C++ SDK 1.0, 12.2.0" */
    uint32_t count;         /* of plugins */
    const iac_plugin *const *plugins;
} iac_module;

/* The one symbol a plugin file exports. [static] */
extern IAC_EXPORT const iac_module iac_plugin_module;

#ifdef __cplusplus
}
#endif
#endif
