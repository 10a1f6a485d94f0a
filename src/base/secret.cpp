#include "base/secret.h"

#include <cstring>

namespace pgseal {

void wipe(std::string& text) noexcept {
  explicit_bzero(text.data(), text.capacity());
  text.clear();
}

void Secret::wipe() noexcept { pgseal::wipe(text_); }

// A short string is copied, not stolen, by std::string's own move: wipe what is left behind.
Secret::Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    text_ = other.text_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    text_ = std::move(other.text_);
    other.wipe();
  }
  return *this;
}

}  // namespace pgseal
