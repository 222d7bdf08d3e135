#pragma once

#include <iac/plugin.hpp>
#include <string>
#include <string_view>

namespace iac::slack {

/// What an error of Slack means for a delivery.
enum class Then {
    give_up,    ///< somebody has to change something
    later,      ///< it passes by itself
    post_anew,  ///< the message that was to be edited is gone, or may not be edited any more
    say_less,   ///< Slack does not take the blocks: the text alone may do
};

struct Fault {
    Then then = Then::give_up;
    std::string sentence;  ///< without a secret
    Diagnosis diagnosis;
};

/// An error by its name ("channel_not_found"), as both interfaces spell them. An unknown one is
/// given up with its name.
Fault faultNamed(std::string_view name);

/// An answer that is not 200: by its text where it is a name, else by its status.
Fault faultOf(const Reply& reply);

}  // namespace iac::slack
