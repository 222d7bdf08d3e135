#pragma once

#include <iac/plugin.hpp>
#include <string>
#include <vector>

#include "plugin/services.hpp"

namespace iac::test {

/// A call as the runner makes it, in this process, and all that is said in it.
class SpokenCall final : public plugin::CallEvents {
public:
    SpokenCall() : services_(*this, room_, nullptr) {}

    Call call() const { return Call(services_.table()); }
    Value parse(std::string_view json) const { return call().parse(json); }

    void log(int, std::string_view sentence) override { said += std::string(sentence) + "\n"; }
    void output(int, std::string_view bytes) override { said += bytes; }
    void progress(double, std::string_view sentence) override {
        said += std::string(sentence) + "\n";
    }
    void emit(std::string_view json) override { said += std::string(json) + "\n"; }
    void exited(int) override {}
    void mask(std::string_view) override {}

    std::string said;

private:
    const plugin::ExecRoom room_{{}, "/", Duration{0}, {}};
    plugin::CallServices services_;
};

}  // namespace iac::test
