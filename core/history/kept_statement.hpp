#pragma once

#include <Poco/Data/MetaColumn.h>
#include <Poco/Data/StatementImpl.h>
#include <sqlite3.h>

namespace iac::history {

/// A statement of Poco::Data that is compiled once and then executed again and again. Poco's own
/// one for SQLite compiles its text anew at every execution, which costs more than the execution.
class KeptStatement final : public Poco::Data::StatementImpl {
public:
    KeptStatement(Poco::Data::SessionImpl& session, sqlite3* handle);
    ~KeptStatement() override;

protected:
    std::size_t columnsReturned() const override;
    int affectedRowCount() const override { return changed_; }
    const Poco::Data::MetaColumn& metaColumn(std::size_t position) const override;
    bool hasNext() override;
    std::size_t next() override;
    bool canBind() const override { return false; }     // one row of values, bound in bindImpl()
    bool canCompile() const override { return false; }  // one statement, not several
    void compileImpl() override;
    void bindImpl() override;
    Poco::Data::AbstractExtraction::ExtractorPtr extractor() override { return extractor_; }
    Poco::Data::AbstractBinding::BinderPtr binder() override { return binder_; }

private:
    sqlite3* handle_;
    sqlite3_stmt* compiled_ = nullptr;
    Poco::Data::AbstractExtraction::ExtractorPtr extractor_;
    Poco::Data::AbstractBinding::BinderPtr binder_;
    bool stepped_ = false;  // the row that `response_` speaks of was not taken yet
    int response_ = SQLITE_DONE;
    int changed_ = 0;
};

}  // namespace iac::history
