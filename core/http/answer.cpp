#include "http/answer.hpp"

#include <Poco/Net/HTTPResponse.h>

#include "base/log.hpp"
#include "history/history.hpp"
#include "intake/intake.hpp"
#include "model/json.hpp"
#include "plugin/inside.hpp"

namespace iac::http {
namespace {

constexpr const char* kLater = "5";  // seconds until it is worth to try again

Answer problem(int status, std::string_view sentence, const Headers& headers,
               const Masker* masker) {
    const std::string shown = masker != nullptr ? masker->mask(sentence) : std::string(sentence);
    auto object = jsonObject();
    object->set("title", Poco::Net::HTTPResponse::getReasonForStatus(
                             static_cast<Poco::Net::HTTPResponse::HTTPStatus>(status)));
    object->set("status", status);
    setText(object, "detail", shown);
    setText(object, "error", shown);
    Answer answer = jsonAnswer(status, object);
    answer.type = "application/problem+json";
    answer.headers = headers;
    return answer;
}

}  // namespace

Answer jsonAnswer(int status, const Poco::JSON::Object::Ptr& object) {
    Answer answer;
    answer.status = status;
    answer.body = jsonText(object);
    return answer;
}

Answer answerForException(const Masker* masker) {
    try {
        throw;
    } catch (const Problem& problem_) {
        return problem(problem_.status(), problem_.what(), problem_.headers(), masker);
    } catch (const intake::Refused& refused) {
        return problem(refused.status(), refused.what(), {}, masker);
    } catch (const history::QueueFull& full) {
        log::warning("http", full.what());
        return problem(503, "Too many deployments wait already; try again later.",
                       {{"Retry-After", kLater}}, masker);
    } catch (const history::Unavailable& unavailable) {
        log::error("http", unavailable.what());
        return problem(503,
                       "The database cannot be used now; nothing was changed. Try again later.",
                       {{"Retry-After", kLater}}, masker);
    } catch (const plugin::Failed& failed) {
        log::error("http", failed.what());
        return problem(
            500, "A plugin failed while it looked at the request; the log of the runner says why.",
            {}, masker);
    } catch (const std::exception& error) {
        log::error("http", std::string("a request failed: ") + error.what());
    } catch (...) {
        log::error("http", "a request failed with an exception that is not a std::exception");
    }
    return problem(500, "The request failed inside the runner; its log says why.", {}, masker);
}

}  // namespace iac::http
