#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace bench {

/// What a mapper does, with and without the border: a path below platform/NAME/ touches the service
/// platform/NAME, when there is such a service. say(service, path, rule) gets what was found.
template <class Say>
void byFolder(const std::vector<std::string>& paths, const std::vector<std::string>& services,
              Say say) {
    static const std::string folder = "platform/";
    for (const std::string& path : paths) {
        if (path.compare(0, folder.size(), folder) != 0) continue;
        const std::string service = path.substr(0, path.find('/', folder.size()));
        if (std::find(services.begin(), services.end(), service) != services.end())
            say(service, path, "platform/NAME/**");
    }
}

}  // namespace bench
