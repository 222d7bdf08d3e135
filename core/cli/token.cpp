#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/query.hpp"
#include "cli/request.hpp"
#include "cli/terminal.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

struct Wish {
    std::string name, role;
    bool json = false;
};

int create(const Options& options, const Wish& wish) {
    auto body = jsonObject();
    body->set("name", wish.name);
    body->set("role", wish.role);
    body->set("by", userName());
    const Object answer = Client(findEndpoint(options)).send("POST", "/tokens", body);
    if (wish.json) {
        printJson(answer);
    } else {
        std::cerr << "The token \"" << wish.name << "\" with the role " << wish.role
                  << ", shown this once; give it to the client as IAC_TOKEN:\n";
        std::cout << textOf(answer, "token") << '\n';
    }
    return kDone;
}

int list(const Options& options, const Wish& wish) {
    const Object answer = Client(findEndpoint(options)).get("/tokens");
    const auto tokens = objectsOf(answer, "tokens");
    if (wish.json) {
        printJson(answer);
        return kDone;
    }
    if (tokens.empty()) std::cerr << "No tokens.\n";
    std::vector<std::vector<std::string>> rows{
        {"NAME", "STATUS", "ROLE", "BY", "CREATED", "REVOKED"}};
    for (const Object& one : tokens) {
        const std::string revoked = shownTime(one, "revoked_at");
        rows.push_back({textOf(one, "name"), revoked.empty() ? "valid" : "revoked",
                        textOf(one, "role"), cut(textOf(one, "created_by"), 20),
                        shownTime(one, "created_at"), revoked});
    }
    if (!tokens.empty()) printTable(rows, 1);
    return kDone;
}

int revoke(const Options& options, const Wish& wish) {
    auto body = jsonObject();
    body->set("by", userName());
    const Object answer =
        Client(findEndpoint(options)).send("DELETE", "/tokens/" + segment(wish.name), body);
    if (wish.json)
        printJson(answer);
    else
        std::cout << "The token \"" << wish.name << "\" is revoked.\n";
    return kDone;
}

using Do = int (*)(const Options&, const Wish&);

CLI::App* add(CLI::App& parent, const Options& options, Run& run, const std::string& name,
              const std::string& description, const std::shared_ptr<Wish>& wish, Do what) {
    auto* command = parent.add_subcommand(name, description);
    command->add_flag("--json", wish->json, "The answer as JSON");
    command->callback([&options, &run, wish, what] {
        run = [&options, wish, what] { return what(options, *wish); };
    });
    return command;
}

}  // namespace

void addToken(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand("token", "Make, list and revoke the tokens of clients");
    command->require_subcommand(1);
    const auto wish = std::make_shared<Wish>();
    auto* made =
        add(*command, options, run, "create", "Make a token; it is shown this once", wish, create);
    made->add_option("--name", wish->name, "Whose it is: it stands in the history as the author")
        ->required()
        ->type_name("NAME");
    made->add_option("--role", wish->role,
                     "read: look; deploy: also start, cancel, retry and roll back; admin: also "
                     "tokens and holds")
        ->required()
        ->type_name("ROLE")
        ->check(CLI::IsMember({"read", "deploy", "admin"}));
    add(*command, options, run, "list", "Every token: who made it and when, not its text", wish,
        list);
    add(*command, options, run, "revoke", "End a token: from now on it opens nothing", wish, revoke)
        ->add_option("NAME", wish->name, "Of the token")
        ->required();
}

}  // namespace iac::cli
