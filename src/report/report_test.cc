#include <gtest/gtest.h>

#include <algorithm>

#include "report/document.h"

namespace surety::report {
namespace {

Document sample(const std::string& mark) {
  Document d;
  d.title = "Title";
  d.mark = mark;
  d.heading(2, "Part");
  d.say("Said <b>by</b> somebody | with *stars*.");
  d.items({"one", "two"});
  d.table({{"a", "b"}, {{"x", "Київ"}, {"y", "a long cell that has to be wrapped because it does not fit the line at all"}}, {}});
  d.table({{"a"}, {}, "none recorded"});
  return d;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

TEST(Text, EveryLineCarriesTheMark) {
  for (const auto& l : lines(to_text(sample("HYPOTHETICAL"), 60))) EXPECT_TRUE(l.starts_with("HYPOTHETICAL │")) << l;
}

TEST(Text, NoLineIsWiderThanAsked) {
  for (const int width : {40, 60, 100})
    for (const auto& l : lines(to_text(sample(""), width))) {
      const auto columns = std::count_if(l.begin(), l.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
      EXPECT_LE(columns, width) << l;
    }
}

TEST(Html, WordsNeverBecomeMarkup) {
  const auto html = to_html(sample("EXERCISE"));
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  EXPECT_NE(html.find("&lt;b&gt;by&lt;/b&gt;"), std::string::npos);
  EXPECT_NE(html.find("none recorded"), std::string::npos);
  EXPECT_NE(html.find("<title>EXERCISE: Title</title>"), std::string::npos);
}

TEST(Markdown, WordsNeverBecomeMarkup) {
  const auto text = to_markdown(sample(""));
  EXPECT_NE(text.find("\\<b\\>by\\</b\\> somebody \\| with \\*stars\\*"), std::string::npos) << text;
  EXPECT_NE(text.find("| x | Київ |"), std::string::npos);
}

}  // namespace
}  // namespace surety::report
