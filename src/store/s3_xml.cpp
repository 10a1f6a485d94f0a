#include "store/s3_xml.h"

#include <charconv>
#include <sstream>

#include "base/xml.h"

namespace pgseal::store {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// What `encoding-type=url` did to a key; AWS writes a blank as "+".
std::string unescape(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

pugi::xml_node append_root(pugi::xml_document& document, const char* name) {
  pugi::xml_node root = document.append_child(name);
  root.append_attribute("xmlns") = "http://s3.amazonaws.com/doc/2006-03-01/";
  return root;
}

std::string text_of(const pugi::xml_document& document) {
  std::ostringstream text;
  document.save(text, "", pugi::format_raw | pugi::format_no_declaration);
  return text.str();
}

}  // namespace

S3ErrorBody parse_error_body(std::string_view xml) {
  const pugi::xml_document document = parse_xml(xml);
  const pugi::xml_node error = document.child("Error");
  return {.code = error.child_value("Code"),
          .message = error.child_value("Message"),
          .request_id = error.child_value("RequestId"),
          .region = error.child_value("Region")};
}

std::string root_element(std::string_view xml) { return parse_xml(xml).document_element().name(); }

std::string child_text(std::string_view xml, const char* name) {
  return parse_xml(xml).document_element().child_value(name);
}

std::optional<ListPage> parse_list_page(std::string_view xml) {
  const pugi::xml_document document = parse_xml(xml);
  const pugi::xml_node root = document.child("ListBucketResult");
  if (!root) return std::nullopt;
  const bool escaped = std::string_view(root.child_value("EncodingType")) == "url";
  ListPage page;
  for (const pugi::xml_node object : root.children("Contents")) {
    const std::string key = object.child_value("Key");
    const auto size = parse_number(object.child_value("Size"));
    if (key.empty() || !size) return std::nullopt;
    page.objects.push_back({.key = escaped ? unescape(key) : key, .size = *size});
  }
  const std::string_view truncated = root.child_value("IsTruncated");
  if (truncated == "true") page.continuation_token = root.child_value("NextContinuationToken");
  const bool understood = truncated == "false" || !page.continuation_token.empty();
  return understood ? std::optional(std::move(page)) : std::nullopt;
}

std::string complete_body(const std::vector<UploadedPart>& parts, bool with_checksums) {
  pugi::xml_document document;
  pugi::xml_node root = append_root(document, "CompleteMultipartUpload");
  for (const UploadedPart& part : parts) {
    pugi::xml_node node = root.append_child("Part");
    node.append_child("PartNumber").text() = part.number;
    node.append_child("ETag").text() = part.etag.c_str();
    if (!with_checksums) continue;
    node.append_child("ChecksumSHA256").text() = crypto::to_base64(part.sha256).c_str();
  }
  return text_of(document);
}

std::string delete_body(std::span<const std::string> keys) {
  pugi::xml_document document;
  pugi::xml_node root = append_root(document, "Delete");
  root.append_child("Quiet").text() = true;
  for (const std::string& key : keys) {
    root.append_child("Object").append_child("Key").text() = key.c_str();
  }
  return text_of(document);
}

std::optional<std::vector<std::string>> parse_delete_result(std::string_view xml) {
  const pugi::xml_document document = parse_xml(xml);
  const pugi::xml_node root = document.child("DeleteResult");
  if (!root) return std::nullopt;
  std::vector<std::string> failed;
  for (const pugi::xml_node error : root.children("Error")) {
    failed.emplace_back(error.child_value("Key"));
  }
  return failed;
}

}  // namespace pgseal::store
