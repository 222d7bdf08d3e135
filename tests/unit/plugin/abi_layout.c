/* ABI 1.0, field by field: a released field never moves. What is added comes behind, and is added
 * here. */
#include <assert.h>
#include <iac/plugin.h>

#define AT(type, member, offset) \
    static_assert(offsetof(type, member) == (offset), #type "." #member " has moved")
#define SIZE(type, size) static_assert(sizeof(type) == (size), #type " has another size")

static_assert(sizeof(void*) == 8, "these are the offsets of a 64-bit processor");

AT(iac_text, data, 0);
AT(iac_text, size, 8);
SIZE(iac_text, 16); /* passed by value: this one may never grow */
SIZE(iac_status, 4);
SIZE(iac_error, 1024); /* nor this one */

AT(iac_host, size, 0);
AT(iac_host, abi_major, 4);
AT(iac_host, abi_minor, 6);
AT(iac_host, find, 8);
AT(iac_host, type, 16);
AT(iac_host, boolean, 24);
AT(iac_host, number, 32);
AT(iac_host, string, 40);
AT(iac_host, count, 48);
AT(iac_host, key, 56);
AT(iac_host, item, 64);
AT(iac_host, json, 72);
AT(iac_host, hmac_sha256_matches, 80);

AT(iac_exec, size, 0);
AT(iac_exec, flags, 4);
AT(iac_exec, argv, 8);
AT(iac_exec, argc, 16);
AT(iac_exec, directory, 24);
AT(iac_exec, environment, 40);
AT(iac_exec, environment_count, 48);
AT(iac_exec, input, 56);
AT(iac_exec, timeout_seconds, 72);
AT(iac_exec, sink, 80);
AT(iac_exec, user, 88);

AT(iac_http, size, 0);
AT(iac_http, method, 8);
AT(iac_http, url, 24);
AT(iac_http, body, 40);
AT(iac_http, headers, 56);
AT(iac_http, header_count, 64);
AT(iac_http, timeout_seconds, 72);
AT(iac_http, body_limit, 80);

AT(iac_http_reply, size, 0);
AT(iac_http_reply, status, 4);
AT(iac_http_reply, body, 8);
AT(iac_http_reply, headers, 24);
AT(iac_http_reply, header_count, 32);

AT(iac_call, size, 0);
AT(iac_call, runner, 8);
AT(iac_call, host, 16);
AT(iac_call, log, 24);
AT(iac_call, output, 32);
AT(iac_call, progress, 40);
AT(iac_call, emit, 48);
AT(iac_call, cancelled, 56);
AT(iac_call, parse, 64);
AT(iac_call, exec, 72);
AT(iac_call, http, 80);
AT(iac_call, secret, 88); /* 1.1 */
AT(iac_call, mask, 96);

AT(iac_plugin, size, 0);
AT(iac_plugin, flags, 4);
AT(iac_plugin, kind, 8);
AT(iac_plugin, id, 16);
AT(iac_plugin, version, 24);
AT(iac_plugin, summary, 32);
AT(iac_plugin, schema, 40);
AT(iac_plugin, service_schema, 48);
AT(iac_plugin, routes, 56);
AT(iac_plugin, create, 64);
AT(iac_plugin, destroy, 72);
AT(iac_plugin, call, 80);

AT(iac_module, magic, 0);
AT(iac_module, abi_major, 4);
AT(iac_module, abi_minor, 6);
AT(iac_module, built_with, 8);
AT(iac_module, count, 16);
AT(iac_module, plugins, 24);

/* Nor does what a function takes and returns ever change. */
#define IS(type, member, ...)                                                                \
    static_assert(__builtin_types_compatible_p(__typeof__(((type*)0)->member), __VA_ARGS__), \
                  #type "." #member " has another type")

IS(iac_host, find, const iac_value* (*)(const iac_value*, iac_text));
IS(iac_host, type, int32_t (*)(const iac_value*));
IS(iac_host, boolean, bool (*)(const iac_value*));
IS(iac_host, number, double (*)(const iac_value*));
IS(iac_host, string, iac_text (*)(const iac_value*));
IS(iac_host, count, size_t (*)(const iac_value*));
IS(iac_host, key, iac_text (*)(const iac_value*, size_t));
IS(iac_host, item, const iac_value* (*)(const iac_value*, size_t));
IS(iac_host, json, iac_text (*)(const iac_value*));
IS(iac_host, hmac_sha256_matches, bool (*)(iac_text, iac_text, iac_text));

IS(iac_exec, flags, uint32_t);
IS(iac_exec, timeout_seconds, double);
IS(iac_exec, sink, void (*)(void*, int32_t, iac_text));
IS(iac_http, timeout_seconds, double);
IS(iac_http, body_limit, uint64_t);
IS(iac_http_reply, status, int32_t);

IS(iac_call, log, void (*)(const iac_call*, int32_t, iac_text));
IS(iac_call, output, void (*)(const iac_call*, int32_t, iac_text));
IS(iac_call, progress, void (*)(const iac_call*, double, iac_text));
IS(iac_call, emit, void (*)(const iac_call*, iac_text));
IS(iac_call, cancelled, bool (*)(const iac_call*));
IS(iac_call, parse, const iac_value* (*)(const iac_call*, iac_text, iac_error*));
IS(iac_call, exec, iac_status (*)(const iac_call*, const iac_exec*, int32_t*, iac_error*));
IS(iac_call, http,
   iac_status (*)(const iac_call*, const iac_http*, void (*)(void*, const iac_http_reply*), void*,
                  iac_error*));

IS(iac_call, secret, iac_text (*)(const iac_call*, iac_text));
IS(iac_call, mask, void (*)(const iac_call*, iac_text));

IS(iac_plugin, create, void* (*)(const iac_host*, const iac_value*, iac_error*));
IS(iac_plugin, destroy, void (*)(void*));
IS(iac_plugin, call, iac_status (*)(void*, const iac_call*, const iac_value*, iac_error*));
IS(iac_module, count, uint32_t);

static_assert(IAC_MAGIC == 0x50434149u && IAC_ABI_MAJOR == 1, "this is the layout of ABI 1");
static_assert(IAC_OK == 0 && IAC_FAILED == 1 && IAC_RETRY == 2 && IAC_CANCELLED == 3 &&
                  IAC_INVALID == 4 && IAC_INTERNAL == 5,
              "a status has another number");
static_assert(IAC_NULL == 0 && IAC_BOOL == 1 && IAC_NUMBER == 2 && IAC_STRING == 3 &&
                  IAC_ARRAY == 4 && IAC_OBJECT == 5,
              "a type has another number");
static_assert(IAC_DEBUG == 0 && IAC_INFO == 1 && IAC_WARNING == 2 && IAC_ERROR == 3,
              "a level has another number");
static_assert(IAC_EXEC_QUIET == 1 && IAC_CONCURRENT == 1, "a flag has another bit");
