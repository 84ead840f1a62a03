#include <algorithm>

#include "report/document.h"

namespace surety::report {
namespace {

// Columns on a terminal: code points, which is right for Latin and Cyrillic.
int columns_of(const std::string& text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::vector<std::string> wrap(const std::string& text, int width) {
  std::vector<std::string> lines;
  std::string current;
  std::size_t at = 0;
  while (at <= text.size()) {
    const auto space = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, space - at);
    if (!current.empty() && columns_of(current) + 1 + columns_of(word) > width) {
      lines.push_back(std::move(current));
      current.clear();
    }
    current += (current.empty() ? "" : " ") + word;
    at = space + 1;
  }
  lines.push_back(std::move(current));
  return lines;
}

std::string pad(const std::string& text, int width) {
  const int missing = width - columns_of(text);
  return missing > 0 ? text + std::string(static_cast<std::size_t>(missing), ' ') : text;
}

// Widths: what each column needs, then the widest give way until the row fits. No column goes below
// its longest word, up to a third of the line.
std::vector<int> widths_of(const Table& t, int width) {
  std::vector<int> wanted(t.columns.size()), least(t.columns.size());
  const auto look = [&](std::size_t c, const std::string& cell) {
    wanted[c] = std::max(wanted[c], columns_of(cell));
    for (const auto& word : wrap(cell, 1)) least[c] = std::max(least[c], std::min(columns_of(word), width / 3));
  };
  for (std::size_t c = 0; c < t.columns.size(); ++c) {
    look(c, t.columns[c]);
    for (const auto& row : t.rows)
      if (c < row.size()) look(c, row[c]);
  }
  const int room = width - 2 * static_cast<int>(t.columns.size() - 1);
  for (;;) {
    int sum = 0;
    std::size_t widest = t.columns.size();
    for (std::size_t c = 0; c < wanted.size(); ++c) {
      sum += wanted[c];
      if (wanted[c] > least[c] && (widest == t.columns.size() || wanted[c] > wanted[widest])) widest = c;
    }
    if (sum <= room || widest == t.columns.size()) return wanted;
    --wanted[widest];
  }
}

struct Writer {
  const Document& d;
  int width;
  std::string out{};

  void put(const std::string& text) {
    std::string whole = (d.mark.empty() ? "" : d.mark + " │ ") + text;
    while (!whole.empty() && whole.back() == ' ') whole.pop_back();
    out += whole + "\n";
  }
  void row(const std::vector<std::string>& cells, const std::vector<int>& widths) {
    std::vector<std::vector<std::string>> wrapped;
    std::size_t tall = 1;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      wrapped.push_back(wrap(c < cells.size() ? cells[c] : "", widths[c]));
      tall = std::max(tall, wrapped.back().size());
    }
    for (std::size_t n = 0; n < tall; ++n) {
      std::string text;
      for (std::size_t c = 0; c < widths.size(); ++c) text += pad(n < wrapped[c].size() ? wrapped[c][n] : "", widths[c]) + "  ";
      put(text);
    }
  }
  void operator()(const Heading& h) {
    put("");
    put(h.level <= 1 ? h.text : "── " + h.text);
    if (h.level <= 1) {
      std::string rule;
      for (int i = 0; i < std::min(columns_of(h.text), width); ++i) rule += "═";
      put(rule);
    }
  }
  void operator()(const Paragraph& p) {
    for (const auto& text : wrap(p.text, width)) put(text);
  }
  void operator()(const Items& list) {
    for (const auto& item : list.items) {
      const auto lines = wrap(item, width - 2);
      for (std::size_t i = 0; i < lines.size(); ++i) put((i ? "  " : "• ") + lines[i]);
    }
  }
  void operator()(const Table& t) {
    if (t.rows.empty()) return put(t.empty);
    const auto widths = widths_of(t, width);
    row(t.columns, widths);
    std::vector<std::string> rules;
    for (const int w : widths) {
      std::string rule;
      for (int i = 0; i < w; ++i) rule += "─";
      rules.push_back(rule);
    }
    row(rules, widths);
    for (const auto& cells : t.rows) row(cells, widths);
    put("");
  }
};

}  // namespace

std::string to_text(const Document& d, int width) {
  Writer w{d, d.mark.empty() ? width : width - columns_of(d.mark) - 3};
  if (!d.title.empty()) w(Heading{1, d.title});
  for (const auto& block : d.blocks) std::visit(w, block);
  return std::move(w.out);
}

}  // namespace surety::report
