#include "history/kept_statement.hpp"

#include <Poco/Data/DataException.h>
#include <Poco/Data/SQLite/Binder.h>
#include <Poco/Data/SQLite/Extractor.h>
#include <Poco/Data/SQLite/Utility.h>

namespace iac::history {

namespace sqlite = Poco::Data::SQLite;

KeptStatement::KeptStatement(Poco::Data::SessionImpl& session, sqlite3* handle)
    : StatementImpl(session), handle_(handle) {}

KeptStatement::~KeptStatement() {
    sqlite3_finalize(compiled_);
}

void KeptStatement::compileImpl() {
    if (compiled_ != nullptr) return;
    const std::string text = toString();
    const int code = sqlite3_prepare_v3(handle_, text.c_str(), static_cast<int>(text.size()),
                                        SQLITE_PREPARE_PERSISTENT, &compiled_, nullptr);
    if (code != SQLITE_OK) sqlite::Utility::throwException(handle_, code, text);
    binder_ = new sqlite::Binder(compiled_);
    extractor_ = new sqlite::Extractor(compiled_);
}

void KeptStatement::bindImpl() {
    sqlite3_reset(compiled_);
    stepped_ = false;
    changed_ = 0;
    std::size_t position = 1;
    for (auto& binding : bindings()) {
        binding->bind(position);
        position += binding->numOfColumnsHandled();
    }
}

bool KeptStatement::hasNext() {
    if (stepped_) return response_ == SQLITE_ROW;
    stepped_ = true;
    response_ = sqlite3_step(compiled_);
    if (response_ != SQLITE_ROW && response_ != SQLITE_DONE)
        sqlite::Utility::throwException(handle_, response_, toString());
    if (response_ == SQLITE_DONE && sqlite3_stmt_readonly(compiled_) == 0)
        changed_ = sqlite3_changes(handle_);
    extractor_->reset();
    return response_ == SQLITE_ROW;
}

std::size_t KeptStatement::next() {
    if (!hasNext()) throw Poco::Data::DataException("There is no next row.");
    std::size_t position = 0;
    for (auto& extraction : extractions()) {
        extraction->extract(position);
        position += extraction->numOfColumnsHandled();
    }
    stepped_ = false;
    return 1;
}

std::size_t KeptStatement::columnsReturned() const {
    return static_cast<std::size_t>(sqlite3_column_count(compiled_));
}

const Poco::Data::MetaColumn& KeptStatement::metaColumn(std::size_t) const {
    throw Poco::Data::DataException("A kept statement says nothing about its columns.");
}

}  // namespace iac::history
