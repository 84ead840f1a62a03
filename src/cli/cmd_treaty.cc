#include <fmt/format.h>

#include <cstdio>

#include "base/files.h"
#include "cli/commands.h"
#include "treaty/treaty.h"

namespace surety::cli {
namespace {

void show(const std::vector<treaty::Diagnostic>& diagnostics, const std::string& text, const std::string& file, bool json) {
  for (const auto& d : diagnostics) {
    if (json) {
      line(treaty::to_json(d, text, file));
    } else {
      std::fputs(treaty::to_text(d, text, file).c_str(), stdout);
    }
  }
}

}  // namespace

int check(const std::vector<std::string>& files, bool json) {
  int code = 0;
  for (const auto& file : files) {
    // A file that cannot be read has no line to show.
    if (const auto text = read_file(file); !text) {
      code = failed(text.error(), json);
      continue;
    }
    const auto c = treaty::compile_file(file);
    show(c.diagnostics, c.tree.text, file, json);
    if (!c.agreement) {
      code = 2;
    } else if (!json) {
      const auto& a = *c.agreement;
      std::size_t warnings = 0;
      for (const auto& d : c.diagnostics) warnings += d.severity == treaty::Severity::warning;
      line(fmt::format("{}: {} {}: {} clauses, {} events, {} status machines; no errors, {} warnings", file, a.name, a.version,
                       a.clauses.size(), a.events.size(), a.machines.size(), warnings));
    }
  }
  return code;
}

int format(const std::vector<std::string>& files, bool write, bool check_only) {
  int code = 0;
  for (const auto& file : files) {
    const auto text = read_file(file);
    if (!text) return failed(text.error(), false);
    const auto formatted = treaty::format_text(*text, file);
    if (!formatted) {
      code = failed(formatted.error(), false);
    } else if (check_only) {
      if (*formatted != *text) {
        line(file + ": not in the one layout; run: surety fmt --write " + file);
        code = 1;
      }
    } else if (!write) {
      std::fputs(formatted->c_str(), stdout);
    } else if (*formatted != *text) {
      if (auto s = write_file_atomically(file, *formatted); !s) return failed(s.error(), false);
    }
  }
  return code;
}

int analyse(const std::vector<std::string>& files, bool json) {
  for (const auto& file : files) {
    const auto c = treaty::compile_file(file);
    if (!c.agreement) {
      show(c.diagnostics, c.tree.text, file, json);
      return 2;
    }
    show(treaty::analyse(*c.agreement), c.tree.text, file, json);
  }
  return 0;
}

int meaning(const std::string& file, const std::string& clause) {
  const auto agreement = treaty::load(file);
  if (!agreement) return failed(agreement.error(), false);
  std::vector<std::string> ids;
  if (!clause.empty())
    ids.push_back(clause);
  else
    for (const auto& c : agreement->clauses) ids.push_back(c.id);
  for (const auto& id : ids) {
    const auto text = treaty::explain(*agreement, id);
    if (!text) return failed(text.error(), false);
    line(*text);
  }
  return 0;
}

}  // namespace surety::cli
