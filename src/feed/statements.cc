// Format `statements`: our own, docs/formats/statement.md, one JSON object a line.
#include "feed/reader.h"

namespace surety::feed {
namespace {

class StatementsReader : public Reader {
 public:
  Result<model::Statement> read(const Row& row) override { return model::parse_statement(row.raw); }
};

}  // namespace

Result<std::unique_ptr<Reader>> make_statements(const Columns&, const Settings&) { return std::make_unique<StatementsReader>(); }

}  // namespace surety::feed
