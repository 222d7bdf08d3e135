#include "repository/git.hpp"

#include <cstdlib>
#include <utility>

namespace iac::repository {
namespace {

constexpr std::size_t kMostOutput = 64u << 20;  // a million paths
constexpr std::size_t kMostError = 16u << 10;
constexpr Duration kGrace{2'000};

// Who we are, where keys are, how the network is reached. Nothing else of ours is git's business.
constexpr const char* kPassedOn[] = {
    "PATH",       "HOME",          "USER",         "LOGNAME",       "TMPDIR",    "SSH_AUTH_SOCK",
    "http_proxy", "https_proxy",   "HTTPS_PROXY",  "all_proxy",     "ALL_PROXY", "no_proxy",
    "NO_PROXY",   "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"};

using Settings = std::vector<std::pair<std::string, std::string>>;

// Given to git through its environment, where they win over every file.
Settings settingsOfOurs() {
    return {
        {"core.hooksPath", "/dev/null"},        // nothing the repository brings is run
        {"core.fsmonitor", "false"},            // this can name a program too
        {"core.attributesFile", "/dev/null"},   //
        {"core.autocrlf", "false"},             // the files are the commit's, byte for byte
        {"filter.lfs.smudge", ""},              // pointers stay pointers: nothing is downloaded
        {"filter.lfs.process", ""},             //
        {"filter.lfs.required", "false"},       //
        {"submodule.recurse", "false"},         //
        {"safe.bareRepository", "explicit"},    // only the one we name by --git-dir
        {"core.alternateRefsCommand", "true"},  // this names a program too: one that prints nothing
        {"transfer.fsckObjects", "true"},       // malformed objects are refused at the door
        {"http.lowSpeedLimit", "1000"},         // a remote that trickles is given up
        {"http.lowSpeedTime", "60"},            //
        {"gc.autoDetach", "false"},             // no process outlives its call
        {"advice.detachedHead", "false"},
    };
}

// Faults of old commits, made by programs of their time, which GitHub has and hands out. They break
// nothing; a repository that has one in its history would be of no use. What could break out of a
// work tree (".git" in a tree, "..", a submodule's name) is not among them.
constexpr const char* kToleratedFaults[] = {"badDate",
                                            "badDateOverflow",
                                            "badEmail",
                                            "badName",
                                            "badTimezone",
                                            "missingEmail",
                                            "missingNameBeforeEmail",
                                            "missingSpaceBeforeDate",
                                            "missingSpaceBeforeEmail",
                                            "missingTaggerEntry",
                                            "badTagName",
                                            "multipleAuthors",
                                            "zeroPaddedDate",
                                            "zeroPaddedFilemode"};

void setOr(std::vector<std::string>& environment, const char* name, const char* otherwise) {
    const char* ours = std::getenv(name);
    environment.push_back(std::string(name) + "=" + (ours != nullptr ? ours : otherwise));
}

}  // namespace

Git::Git(const MirrorSettings& settings)
    : remote_(readRemoteUrl(settings.url, settings.login)),
      strict_fsck_(settings.strict_fsck),
      login_(remote_),
      timeout_(settings.timeout) {}

void Git::logIn(const std::string& url, const Login& login) {
    *login_.lock() = readRemoteUrl(url, login);
}

std::vector<std::string> Git::environment(bool network) const {
    std::vector<std::string> result{
        "LC_ALL=C.UTF-8",         // we read its messages
        "GIT_CONFIG_NOSYSTEM=1",  //
        "GIT_TERMINAL_PROMPT=0",  // nobody is there to answer
        "GIT_ASKPASS=false",      //
        "GIT_OPTIONAL_LOCKS=0",   // reads write nothing
        "GIT_ALLOW_PROTOCOL=" + remote_.protocols,
    };
    for (const char* name : kPassedOn)
        if (const char* value = std::getenv(name))
            result.push_back(std::string(name) + "=" + value);

    Settings settings = settingsOfOurs();
    if (!strict_fsck_)
        for (const std::string fault : kToleratedFaults)
            for (const char* where : {"fetch.fsck.", "fsck."})
                settings.emplace_back(where + fault, "ignore");
    if (network) {
        setOr(result, "GIT_CONFIG_GLOBAL", "/dev/null");
        setOr(result, "GIT_SSH_COMMAND",
              "ssh -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15");
        if (const RemoteUrl login = *login_.lock(); !login.header.empty())
            settings.emplace_back("http." + login.header_place + ".extraHeader", login.header);
    } else {
        result.push_back("GIT_CONFIG_GLOBAL=/dev/null");
    }
    result.push_back("GIT_CONFIG_COUNT=" + std::to_string(settings.size()));
    for (std::size_t i = 0; i < settings.size(); ++i) {
        result.push_back("GIT_CONFIG_KEY_" + std::to_string(i) + "=" + settings[i].first);
        result.push_back("GIT_CONFIG_VALUE_" + std::to_string(i) + "=" + settings[i].second);
    }
    return result;
}

GitAnswer Git::ask(const GitCall& call) const {
    // Looked at first: a call that is short enough ends before its cancellation is seen.
    if (call.cancel != nullptr && call.cancel->requested())
        throw GitFailed("cancelled", "git was not run, because the deployment was cancelled");
    // In "/", so that no repository above a working directory is ever found by accident.
    Program program{{"git"}, environment(call.network), "/"};
    program.argv.insert(program.argv.end(), call.arguments.begin(), call.arguments.end());

    GitAnswer answer;
    RunLimits limits;
    limits.timeout = call.timeout.count() > 0 ? call.timeout : timeout_;
    limits.grace = kGrace;
    limits.cancel = call.cancel;
    limits.output = [&](int stream, std::string_view bytes) {
        if (stream == 2) {  // the end of what it says is where the reason is
            answer.err += bytes;
            if (answer.err.size() > kMostError) answer.err.erase(0, answer.err.size() - kMostError);
        } else if (call.take) {
            call.take(bytes);
        } else if (answer.out.size() + bytes.size() > kMostOutput) {
            throw GitFailed("too_large", nameOf(call) + " printed more than " +
                                             std::to_string(kMostOutput >> 20) +
                                             " MiB and was stopped: the revision, or what differs "
                                             "from it, is too large");
        } else {
            answer.out += bytes;
        }
    };
    const auto end = [&] {
        try {
            return run(program, call.input, limits);
        } catch (const GitFailed&) {
            throw;  // the output was too much: its process group is killed
        } catch (const std::exception& reason) {
            throw GitFailed("git_failed", reason.what());
        }
    }();
    if (end.how == RunEnd::How::cancelled)
        throw GitFailed("cancelled", "git was stopped, because the deployment was cancelled");
    if (end.how == RunEnd::How::timed_out)
        throw GitFailed("git_timeout",
                        nameOf(call) + " did not end within " +
                            std::to_string(limits.timeout.count()) + " ms and was stopped" +
                            (call.network ? "; the repository is " + remote_.text : "") +
                            ": see whether it can be reached, or raise repository.timeout");
    answer.code = end.exit.code;
    return answer;
}

std::string Git::tell(const GitCall& call) const {
    GitAnswer answer = ask(call);
    if (answer.code != 0) throw fault(call, answer);
    return std::move(answer.out);
}

}  // namespace iac::repository
