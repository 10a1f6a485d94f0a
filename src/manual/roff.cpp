#include "manual/roff.h"

#include "base/format.h"
#include "base/text.h"

namespace pgseal::manual {

namespace {

constexpr std::size_t kColumns = 78;

/// groff_char(7): what would be printed as a typographer's sign, or not at all.
std::string_view escape(const char& c) {
  switch (c) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '"':
      return "\\(dq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return {&c, 1};
  }
}

}  // namespace

std::string plain(std::string_view text) {
  std::string roff;
  for (const char& c : text) roff += escape(c);
  return roff;
}

std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }

std::string italic(std::string_view text) { return "\\fI" + plain(text) + "\\fR"; }

RoffPage::RoffPage(const Title& title) {
  page_ = format(".TH {} 1 {} \"{}\" \"User Commands\"\n", plain(upper_case(title.name)),
                 title.date, plain(title.source));
  page_ += ".nh\n";  // names of variables must not be broken
}

void RoffPage::heading(std::string_view text) {
  page_ += format(".SH {}\n", text);
  below_heading_ = true;
}

void RoffPage::subheading(std::string_view text) {
  page_ += format(".SS {}\n", text);
  below_heading_ = true;
}

void RoffPage::paragraph(std::string_view text) {
  begin_paragraph();
  this->text(text);
}

void RoffPage::entry(std::string_view tag, std::string_view text) {
  page_ += format(".TP\n{}\n", tag);
  this->text(text);
  below_heading_ = false;
}

void RoffPage::example(std::string_view lines) {
  begin_paragraph();
  page_ += format(".nf\n.RS 4\n{}\n.RE\n.fi\n", lines);
}

void RoffPage::begin_paragraph() {
  if (!below_heading_) page_ += ".PP\n";
  below_heading_ = false;
}

void RoffPage::text(std::string_view text) {
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    if (column > 0 && column + 1 + word.size() > kColumns) {
      page_ += '\n';
      column = 0;
    }
    if (column > 0) page_ += ' ';
    if (column == 0 && word.front() == '.') page_ += "\\&";
    page_ += word;
    column += word.size() + 1;
  }
  page_ += '\n';
}

}  // namespace pgseal::manual
