#pragma once
// A report as content, rendered three ways: text for a terminal, Markdown, and a self-contained HTML
// page. One content, so that no rendering can say something that another does not.
//
// `mark` (for example "HYPOTHETICAL") is put on every line, row and heading by every renderer: a reader
// who sees any part of the report sees it.
#include <string>
#include <variant>
#include <vector>

namespace surety::report {

struct Heading {
  int level = 1;
  std::string text;
};
struct Paragraph {
  std::string text;
};
struct Items {
  std::vector<std::string> items;
};
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::string empty = "none recorded";  // what to say when there are no rows
};
using Block = std::variant<Heading, Paragraph, Items, Table>;

struct Document {
  std::string title;
  std::string mark;
  std::vector<Block> blocks;

  void heading(int level, std::string text) { blocks.push_back(Heading{level, std::move(text)}); }
  void say(std::string text) { blocks.push_back(Paragraph{std::move(text)}); }
  void items(std::vector<std::string> list) { blocks.push_back(Items{std::move(list)}); }
  void table(Table t) { blocks.push_back(std::move(t)); }
};

std::string to_text(const Document& d, int width = 110);
std::string to_markdown(const Document& d);
std::string to_html(const Document& d);

}  // namespace surety::report
