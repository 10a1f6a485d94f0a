#pragma once
// A small writer of manual pages, in the language of man(7).

#include <string>
#include <string_view>

namespace pgseal::manual {

/// Text of any kind as roff that prints it as it is: ASCII in the source, nothing in it a request.
[[nodiscard]] std::string plain(std::string_view text);
[[nodiscard]] std::string bold(std::string_view text);
[[nodiscard]] std::string italic(std::string_view text);

/// Appends to a page. What its functions take is roff, as those above make it.
class RoffPage final {
 public:
  struct Title {
    std::string name;    ///< "pgseal-backup"
    std::string date;    ///< "2026-11-26"
    std::string source;  ///< of the program: "pgseal 0.1.0"
  };
  /// A page of section 1.
  explicit RoffPage(const Title& title);

  void heading(std::string_view text);
  void subheading(std::string_view text);
  void paragraph(std::string_view text);
  /// A paragraph with a tag before it.
  void entry(std::string_view tag, std::string_view text);
  /// Lines that are printed as they are.
  void example(std::string_view lines);

  [[nodiscard]] std::string take() { return std::move(page_); }

 private:
  /// Below a heading, one begins by itself.
  void begin_paragraph();
  /// Breaks it into lines, none of which is taken for a request.
  void text(std::string_view text);

  std::string page_;
  bool below_heading_ = false;
};

}  // namespace pgseal::manual
