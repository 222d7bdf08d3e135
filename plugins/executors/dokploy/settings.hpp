// What the configuration says: of one Dokploy (the executor), and of one service in it.
#pragma once

#include <iac/plugin.hpp>
#include <map>
#include <string>
#include <vector>

#include "environment.hpp"

namespace iac::dokploy {

/// One Dokploy server, and how to treat it. Times in seconds.
struct Server {
    std::string url;      // "https://dokploy.example.com/api", without a slash at its end
    std::string key;      // secret
    std::string project;  // of services that name none
    std::map<std::string, std::string> environments;  // ours -> Dokploy's; absent: the same name
    bool auto_deploy_off = false;
    double deadline = 540;  // of one deployment, from asking for it
    double patience = 60;   // how long Dokploy may not answer before the step is given up
    double appear = 30;     // how long a deployment that was asked for may be seen nowhere
    double poll = 2;        // between two looks
};
Server serverOf(const Value& config);

enum class Kind { compose, application };

/// How to see whether a deployment that Dokploy calls done works.
struct Check {
    std::string url;  // empty: not asked
    int status = 200;
    double within = 60;       // seconds, for both
    bool containers = false;  // ask Dokploy for the state of the containers
    bool any() const { return containers || !url.empty(); }
};

/// What one service says.
struct Service {
    Kind kind = Kind::compose;
    std::string id;           // empty: found by the three names
    std::string project;      // "platform"
    std::string environment;  // Dokploy's name of it
    bool environment_mapped = false;
    std::string name;                // "postgres"
    bool from_runner = true;         // the runner sends the compose file
    std::string file;                // the compose file, from the top of the work tree
    std::vector<std::string> files;  // further files and folders of the configuration
    Variables variables;
    bool inherit = true;
    bool create = false;
    bool force = false;
    Check check;
};
Service serviceOf(const Step& step, const Server& server);

}  // namespace iac::dokploy
