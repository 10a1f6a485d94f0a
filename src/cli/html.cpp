#include "cli/html.h"

#include "cli/terminal_text.h"

namespace pgseal::cli {

namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : printable(text).text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

void HtmlWriter::text(std::string_view text) { document_ += escaped(text); }

void HtmlWriter::open(std::string_view tag, Attributes attributes) {
  document_ += '<';
  document_ += tag;
  for (const Attribute& attribute : attributes) {
    document_ += ' ';
    document_ += attribute.name;
    document_ += "=\"" + escaped(attribute.value) + "\"";
  }
  document_ += '>';
}

void HtmlWriter::close(std::string_view tag) {
  document_ += "</";
  document_ += tag;
  document_ += '>';
}

}  // namespace pgseal::cli
