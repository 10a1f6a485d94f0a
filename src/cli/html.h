#pragma once
// A small writer of HTML. Whatever comes as text is text: nobody's table name becomes markup.

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace pgseal::cli {

/// Appends elements to a document. Tags, names of attributes and `raw()` are the program's own; all
/// else may be anything, is made printable as for a terminal, and escaped.
class HtmlWriter final {
 public:
  struct Attribute {
    std::string_view name;
    std::string value;
  };
  using Attributes = std::initializer_list<Attribute>;

  void text(std::string_view text);
  /// What is markup already.
  void raw(std::string_view markup) { document_ += markup; }

  void element(std::string_view tag, Attributes attributes, std::string_view content) {
    open(tag, attributes);
    text(content);
    close(tag);
  }
  void element(std::string_view tag, std::string_view content) { element(tag, {}, content); }
  /// `content` appends what is inside.
  template <std::invocable Content>
  void element(std::string_view tag, Attributes attributes, Content&& content) {
    open(tag, attributes);
    content();
    close(tag);
    raw("\n");
  }
  /// One without an end, as `meta` is.
  void open(std::string_view tag, Attributes attributes);

  [[nodiscard]] std::string take() { return std::move(document_); }

 private:
  void close(std::string_view tag);

  std::string document_ = "<!DOCTYPE html>\n";
};

}  // namespace pgseal::cli
