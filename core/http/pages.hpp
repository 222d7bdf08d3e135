#pragma once

#include <Poco/JSON/Array.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/answer.hpp"
#include "http/request.hpp"
#include "model/json.hpp"

namespace iac::http {

/// Lists are read page by page, newest first: a page is everything below an id, so it stays what it
/// is while rows arrive.

/// How many rows the caller wants: `limit`, 1 to 499 (the history gives one more than that at most:
/// one more than a page says whether there is a next one). Throws Problem 400.
std::size_t pageOf(const Request& request);
/// Below which id: `before`; 0: from the newest. Throws Problem 400.
std::int64_t beforeOf(const Request& request);
/// Where the next page is: the same filters, before that id.
std::string nextPage(std::string_view path, const Request& request, std::int64_t before);

/// `{"deployments": [...], "next": ...}` of the rows found, which were asked for one more than the
/// page holds; `show` makes JSON of one.
template <class Row, class Show>
Answer pageAnswer(const std::string& member, const Request& request, std::vector<Row> found,
                  std::size_t page, const Show& show) {
    const bool more = found.size() > page;
    if (more) found.resize(page);
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const Row& row : found) list->add(show(row));
    auto object = jsonObject();
    object->set(member, list);
    if (more) object->set("next", nextPage("/" + member, request, found.back().id));
    return jsonAnswer(200, object);
}

}  // namespace iac::http
