#include <algorithm>
#include <array>

#include "config/build.hpp"
#include "config/document.hpp"
#include "config/embedded.hpp"
#include "config/findings.hpp"
#include "config/json.hpp"
#include "config/node.hpp"
#include "config/references.hpp"
#include "config/repository_url.hpp"
#include "config/schema.hpp"
#include "config/secrets.hpp"

namespace iac::config {

namespace {

const Schema& settingsSchema() {
    static const Schema schema{std::string(embedded::schema)};
    return schema;
}

/// Opens the sources that `secrets:` lists, if what it says makes sense: else the schema check will
/// complain, and what they would have provided cannot be judged.
SecretSources openSecrets(Document& document, const std::filesystem::path& folder,
                          Findings& findings) {
    const auto root = asObject(document.root);
    const auto list = root ? root->get("secrets") : Poco::Dynamic::Var();
    bool sound = true;
    for (const auto& [path, sentence] : settingsSchema().check(document.root, "", {})) {
        if (!path.starts_with("secrets")) continue;
        findings.add(path, sentence);
        sound = false;
    }
    if (!sound) return SecretSources::unread();
    return SecretSources(list, folder, document, findings);
}

/// services[].secrets: each has to be there when the runner starts, not when the service is
/// deployed.
void checkServiceSecrets(const Node& root, SecretSources& sources, Findings& findings) {
    if (!sources.allRead()) return;
    for (const auto& node : root.items("services")) {
        const auto names = node.texts("secrets");
        for (std::size_t i = 0; i < names.size(); ++i)
            if (!names[i].empty() && !sources.find(names[i]))
                findings.add(itemPath(node.pathOf("secrets"), i), sources.whyMissing(names[i]));
    }
}

std::string textAt(const Document& document, const std::string& section, const std::string& key) {
    const auto root = asObject(document.root);
    const auto object = root ? asObject(root->get(section)) : Poco::JSON::Object::Ptr();
    const auto value = object ? object->get(key) : Poco::Dynamic::Var();
    return value.isString() ? value.extract<std::string>() : std::string();
}

/// A password may come from a secret; written into the file it would be in everybody's editor, in
/// Git, and in every backup.
void checkWrittenPassword(const Document& document, Findings& findings) {
    constexpr std::string_view kFromSecret =
        "write ${NAME} in its place and provide NAME as a secret";
    const auto isWritten = [](std::string_view password) {
        return !password.empty() && password.find("${") == std::string_view::npos;
    };
    if (isWritten(passwordIn(textAt(document, "repository", "url"))))
        findings.add("repository.url",
                     "has a password in it: leave it out, and set repository.username and "
                     "repository.password, or give the runner's user an ssh key");
    if (isWritten(textAt(document, "repository", "password")))
        findings.add("repository.password",
                     "is written into the file: " + std::string(kFromSecret));
}

/// Everything secret that the configuration knows: what the sources gave, and what is written in
/// it.
std::map<std::string, Secret> allSecrets(const SecretSources& sources, const Settings& settings,
                                         const std::string& url) {
    auto secrets = sources.known();
    for (std::size_t i = 0; i < settings.server.secrets.size(); ++i)
        secrets.emplace(itemPath("server.secret", i), settings.server.secrets[i]);
    // Messages of git show an address without its password, or the password alone.
    if (const auto password = passwordIn(url); !password.empty())
        secrets.emplace("repository.url", Secret(std::string(password)));
    if (!settings.repository.password.empty())
        secrets.emplace("repository.password", settings.repository.password);
    return secrets;
}

/// Whether git may go on with the mirror it has: a token may be rotated.
bool sameRepository(Repository one, Repository other) {
    for (auto* each : {&one, &other}) {
        each->url = withoutLogin(each->url);
        each->username.clear();
        each->password = Secret();
    }
    return one == other;
}

Settings build(const std::string& named, const std::filesystem::path& whole, std::string text) {
    auto document = parseDocument(named, text);
    const auto folder = whole.parent_path();
    Findings findings(document.origins);

    auto sources = openSecrets(document, folder, findings);
    checkWrittenPassword(document, findings);
    const auto written_url = textAt(document, "repository", "url");
    expandSecrets(document, sources, findings);
    if (const auto fault = urlLoginFault(written_url, textAt(document, "repository", "url"));
        !fault.empty())
        findings.add("repository.url", fault);
    for (const auto& [path, sentence] :
         settingsSchema().check(document.root, "", document.origins.expanded))
        findings.add(path, sentence);

    const Node root(document, findings);
    auto settings = buildSettings(root, folder);
    checkReferences(settings, root);
    checkServiceSecrets(root, sources, findings);
    findings.throwIfAny(sources.known());

    settings.file = whole;
    settings.text = std::move(text);
    settings.secrets = allSecrets(sources, settings, settings.repository.url);
    settings.secret_files = sources.files();
    settings.origins = std::move(document.origins);
    return settings;
}

}  // namespace

const Environment* Settings::environment(std::string_view name) const {
    const auto found = std::find_if(environments.begin(), environments.end(),
                                    [name](const Environment& one) { return one.name == name; });
    return found == environments.end() ? nullptr : &*found;
}

const ExecutorUse* Settings::executor(std::string_view name) const {
    const auto found = std::find_if(executors.begin(), executors.end(),
                                    [name](const ExecutorUse& one) { return one.name == name; });
    return found == executors.end() ? nullptr : &*found;
}

Settings load(const std::filesystem::path& file) {
    return build(file.string(), std::filesystem::absolute(file).lexically_normal(),
                 readConfiguration(file));
}

Settings withSecretsReadAgain(const Settings& settings) {
    return build(settings.origins.file, settings.file, settings.text);
}

std::string whyRestart(const Settings& running, const Settings& next) {
    const auto& was = running.server;
    const auto& is = next.server;
    const std::array<std::pair<const char*, bool>, 6> same{
        {{"server.listen", was.host == is.host && was.port == is.port},
         {"server.limits", was.limits == is.limits},
         {"server.trusted_proxies", was.trusted_proxies == is.trusted_proxies},
         {"data", running.data == next.data},
         {"engine.cgroup", running.engine.cgroup == next.engine.cgroup},
         {"repository", sameRepository(running.repository, next.repository)}}};
    const auto changed =
        std::find_if(same.begin(), same.end(), [](const auto& one) { return !one.second; });
    if (changed == same.end()) return {};
    return std::string(changed->first) + " cannot change while the runner runs: restart it";
}

std::string_view reference() {
    return embedded::reference;
}

}  // namespace iac::config
