#include "report/document.h"

namespace surety::report {
namespace {

std::string replace_all(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) text.replace(at, what.size(), with);
  return text;
}

// Reports quote other people's words: nothing in them may turn into markup.
std::string markdown(std::string text) {
  std::string out;
  for (const char c : text) {
    if (std::string("\\`*_{}[]<>#|").find(c) != std::string::npos) out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string html(const std::string& text) {
  return replace_all(replace_all(replace_all(replace_all(text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"), "\"", "&quot;");
}

struct Markdown {
  const Document& d;
  std::string out{};
  std::string mark() const { return d.mark.empty() ? "" : "**" + markdown(d.mark) + "** · "; }
  void operator()(const Heading& h) {
    out += "\n" + std::string(static_cast<std::size_t>(h.level), '#') + " " + mark() + markdown(h.text) + "\n\n";
  }
  void operator()(const Paragraph& p) { out += mark() + markdown(p.text) + "\n\n"; }
  void operator()(const Items& list) {
    for (const auto& item : list.items) out += "- " + mark() + markdown(item) + "\n";
    out += "\n";
  }
  void operator()(const Table& t) {
    if (t.rows.empty()) return (*this)(Paragraph{t.empty});
    out += "|";
    for (const auto& c : t.columns) out += " " + markdown(c) + " |";
    out += "\n|";
    for (std::size_t i = 0; i < t.columns.size(); ++i) out += "---|";
    for (const auto& row : t.rows) {
      out += "\n|";
      for (std::size_t c = 0; c < t.columns.size(); ++c)
        out += " " + (c == 0 ? mark() : "") + markdown(c < row.size() ? row[c] : "") + " |";
    }
    out += "\n\n";
  }
};

struct Html {
  const Document& d;
  std::string out{};
  std::string mark() const { return d.mark.empty() ? "" : "<strong class=\"mark\">" + html(d.mark) + "</strong> "; }
  void operator()(const Heading& h) {
    const std::string tag = "h" + std::to_string(h.level);
    out += "<" + tag + ">" + mark() + html(h.text) + "</" + tag + ">\n";
  }
  void operator()(const Paragraph& p) { out += "<p>" + mark() + html(p.text) + "</p>\n"; }
  void operator()(const Items& list) {
    out += "<ul>\n";
    for (const auto& item : list.items) out += "<li>" + mark() + html(item) + "</li>\n";
    out += "</ul>\n";
  }
  void operator()(const Table& t) {
    if (t.rows.empty()) return (*this)(Paragraph{t.empty});
    out += "<table>\n<thead><tr>";
    for (const auto& c : t.columns) out += "<th scope=\"col\">" + html(c) + "</th>";
    out += "</tr></thead>\n<tbody>\n";
    for (const auto& row : t.rows) {
      out += "<tr>";
      for (std::size_t c = 0; c < t.columns.size(); ++c)
        out += "<td>" + (c == 0 ? mark() : "") + html(c < row.size() ? row[c] : "") + "</td>";
      out += "</tr>\n";
    }
    out += "</tbody></table>\n";
  }
};

constexpr const char* kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b2430;background:#fff}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;"
    "border-bottom:1px solid #c9d1da}th{background:#eef2f6}h2{margin-top:2rem;border-bottom:2px solid #1b2430}"
    ".mark{background:#5b3a8c;color:#fff;padding:0 .35em;border-radius:.2em;font-size:.8em}@media print{body{margin:0}}";

}  // namespace

std::string to_markdown(const Document& d) {
  Markdown w{d};
  if (!d.title.empty()) w(Heading{1, d.title});
  for (const auto& block : d.blocks) std::visit(w, block);
  w.out.erase(0, w.out.find_first_not_of('\n'));
  return std::move(w.out);
}

std::string to_html(const Document& d) {
  Html w{d};
  w.out =
      "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">\n<title>" +
      html((d.mark.empty() ? "" : d.mark + ": ") + d.title) + "</title>\n<style>" + kStyle + "</style></head>\n<body><main>\n";
  if (!d.title.empty()) w(Heading{1, d.title});
  for (const auto& block : d.blocks) std::visit(w, block);
  return w.out + "</main></body></html>\n";
}

}  // namespace surety::report
