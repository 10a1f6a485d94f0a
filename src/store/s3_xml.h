#pragma once
// The XML that S3 speaks. Source: AWS, "Amazon S3 API Reference".

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "store/object_store.h"

namespace pgseal::store {

/// What an error's body says; "" where it does not say it, or is no XML.
struct S3ErrorBody {
  std::string code, message, request_id, region;
};
[[nodiscard]] S3ErrorBody parse_error_body(std::string_view xml);

/// The name of the outermost element, "" where `xml` is none. White space may stand before it:
/// S3 sends some while it works on a Complete.
[[nodiscard]] std::string root_element(std::string_view xml);
/// The text of the outermost element's child `name`; "" if absent.
[[nodiscard]] std::string child_text(std::string_view xml, const char* name);

/// A page of ListObjectsV2, its keys unescaped.
struct ListPage {
  std::vector<ObjectInfo> objects;
  std::string continuation_token;  ///< "" on the last page
};
/// Nothing where the page cannot be understood whole.
[[nodiscard]] std::optional<ListPage> parse_list_page(std::string_view xml);

struct UploadedPart {
  int number = 0;
  std::string etag;  ///< as S3 sent it, with its quotation marks
  crypto::Digest sha256{};
};
/// The body of CompleteMultipartUpload, with the parts' checksums or without.
[[nodiscard]] std::string complete_body(const std::vector<UploadedPart>& parts,
                                        bool with_checksums);

/// The body of DeleteObjects, which is asked to name failures only.
[[nodiscard]] std::string delete_body(std::span<const std::string> keys);
/// The keys that a DeleteResult says were not removed; nothing where it cannot be understood.
[[nodiscard]] std::optional<std::vector<std::string>> parse_delete_result(std::string_view xml);

}  // namespace pgseal::store
