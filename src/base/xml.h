#pragma once
// pugixml, the only place where its header is included.

#include <pugixml.hpp>
#include <string_view>

namespace pgseal {

/// The document; an empty one where `text` is no whole document, so that one that was cut short is
/// not taken for a whole one.
[[nodiscard]] inline pugi::xml_document parse_xml(std::string_view text) {
  pugi::xml_document document;
  if (!document.load_buffer(text.data(), text.size())) document.reset();
  return document;
}

}  // namespace pgseal
