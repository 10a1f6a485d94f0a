#pragma once
// Text that must not reach a log, a message or a disk.

#include <string>
#include <string_view>
#include <utility>

namespace pgseal {

/// Owns secret text and wipes it when it goes. It has no formatter and no stream operator, so that
/// printing it does not compile; `reveal()` marks each place where the text is really needed.
class Secret final {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  [[nodiscard]] std::string_view reveal() const noexcept { return text_; }
  [[nodiscard]] const char* c_str() const noexcept { return text_.c_str(); }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  void wipe() noexcept;
  std::string text_;
};

/// Overwrites `text` in a way that the compiler may not leave out, then empties it.
void wipe(std::string& text) noexcept;

}  // namespace pgseal
