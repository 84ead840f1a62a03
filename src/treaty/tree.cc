#include "treaty/tree.h"

#include <algorithm>

namespace surety::treaty {

LineColumn line_column(std::string_view text, std::uint32_t offset) {
  LineColumn at;
  auto end = std::min<std::size_t>(offset, text.size());
  std::size_t start = 0;
  for (std::size_t k = 0; k < end; ++k)
    if (text[k] == '\n') {
      ++at.line;
      start = k + 1;
    }
  at.column = static_cast<std::uint32_t>(end - start) + 1;
  return at;
}

plan::TextSpan Tree::span_of(const Node& n) const {
  plan::TextSpan at;
  if (n.first >= n.last) return at;
  at.begin = tokens[n.first].begin;
  at.end = tokens[n.last - 1].end;
  at.line = line_column(text, at.begin).line;
  return at;
}

std::string skeleton(const Tree& tree) {
  std::string out;
  std::size_t next = 0;
  std::vector<std::uint32_t> open;  // token index at which each open node ends
  for (std::uint32_t k = 0; k < tree.tokens.size(); ++k) {
    while (!open.empty() && open.back() <= k) open.pop_back();
    while (next < tree.nodes.size() && tree.nodes[next].first <= k) {
      const auto& n = tree.nodes[next++];
      if (n.first >= n.last) continue;
      out.append(open.size(), ' ').append("(").append(std::to_string(static_cast<int>(n.kind))).append("\n");
      open.push_back(n.last);
    }
    if (is_trivia(tree.tokens[k].kind)) continue;
    out.append(open.size(), ' ').append(tree.text_of(tree.tokens[k])).append("\n");
  }
  return out;
}

}  // namespace surety::treaty
