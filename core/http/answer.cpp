#include "http/answer.hpp"

#include <Poco/Net/HTTPResponse.h>

#include "base/log.hpp"
#include "engine/preparation.hpp"
#include "history/history.hpp"
#include "intake/intake.hpp"
#include "model/json.hpp"
#include "plugin/inside.hpp"
#include "repository/mirror.hpp"

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

/// What is wrong, and what to do.
std::string sentence(const Diagnosis& diagnosis) {
    if (diagnosis.next_action.empty()) return diagnosis.summary;
    return diagnosis.summary + (diagnosis.summary.ends_with('.') ? " " : ". ") +
           diagnosis.next_action;
}

}  // namespace

Answer jsonAnswer(int status, const Poco::JSON::Object::Ptr& object) {
    Answer answer;
    answer.status = status;
    answer.body = jsonText(object);
    return answer;
}

Headers howToSign() {
    return {{"WWW-Authenticate", "Bearer, IAC-HMAC-SHA256"}};
}

Answer answerForException(const Masker* masker) {
    try {
        throw;
    } catch (const Problem& problem_) {
        return problem(problem_.status(), problem_.what(), problem_.headers(), masker);
    } catch (const intake::Refused& refused) {
        return problem(refused.status(), refused.what(), {}, masker);
    } catch (const engine::CannotDeploy& impossible) {
        return problem(422, sentence(impossible.diagnosis()), {}, masker);
    } catch (const repository::AmbiguousRef& ambiguous) {
        return problem(422, ambiguous.what(), {}, masker);
    } catch (const repository::GitFailed& failed) {
        log::error("http", failed.what());
        return problem(503, std::string("The repository cannot be asked now: ") + failed.what(),
                       {{"Retry-After", kLater}}, masker);
    } catch (const history::NonceUsed&) {
        return problem(401, "X-IAC-Nonce was used before: every request needs one of its own.",
                       howToSign(), masker);
    } catch (const history::WrongState& wrong) {
        return problem(409, wrong.what(), {}, masker);
    } catch (const history::QueueFull& full) {
        log::warning("http", full.what());
        return problem(503, "Too many deployments wait already; try again later.",
                       {{"Retry-After", kLater}}, masker);
    } catch (const history::Unavailable& unavailable) {
        log::error("http", unavailable.what());
        return problem(503,
                       "The database cannot be used now; nothing was changed. Try again later.",
                       {{"Retry-After", kLater}}, masker);
    } catch (const plugin::Unanswered& unanswered) {
        log::error("http", unanswered.what());
        return problem(503,
                       "The plugin " + unanswered.plugin() +
                           " does not answer; the log of the runner says why. Nothing was "
                           "changed. Try again later.",
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
