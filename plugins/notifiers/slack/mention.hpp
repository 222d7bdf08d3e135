#pragma once

#include <string>
#include <string_view>

namespace iac::slack {

/// Who is called when something fails, as an element of a rich text: from "<!here>", "@channel",
/// "<@U012AB3CD>", "U012AB3CD", "<!subteam^S012AB3CD>" or "S012AB3CD". iac::invalid, with the
/// setting and what may stand there, for everything else.
std::string mentionElement(std::string_view setting, std::string_view text);

}  // namespace iac::slack
