#pragma once

#include "plugin/check_host.hpp"

namespace iac::plugin {

/// The test of one of the author's cases: a call with made-up answers of exec() and http(), held
/// against what the author expects. The subject's input is the case:
///
///     {"input": {...},
///      "exec": [{"argv": ["helm", "list"], "exit_code": 0, "output": "web", "error": ""}],
///      "http": [{"request": "GET https://example.com/", "status": 200, "body": "", "headers":
///      []}], "expect": {"status": "ok", "message": "", "emitted": {...} or [{...}],
///                 "exec": [["helm", "list"]], "http": ["GET https://example.com/"],
///                 "log": "", "output": ""}}
///
/// An answer is taken whose argv, or request, is the beginning of what is asked: the first that was
/// not given yet, else the last; where there is none, a program ends with 0 and a request with 200
/// and "{}". Of what is expected only what is said is looked at: `emitted`, an object, are members
/// of all results together; a list are members of each result. `message`, `log` and `output` are
/// parts of those.
CheckFinding checkCase(const CheckSubject& subject);

}  // namespace iac::plugin
