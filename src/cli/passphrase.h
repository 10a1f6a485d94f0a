#pragma once
// Pass phrases from files and from the terminal.

#include <optional>
#include <stop_token>
#include <string>

#include "base/secret.h"

namespace pgseal::cli {

/// The first line of `file` where it is given, else what is answered to `prompt` on the terminal;
/// nothing where there is no terminal. Throws Error of `Exit::usage`, and Cancelled when `stop` is
/// requested.
[[nodiscard]] std::optional<Secret> get_passphrase(const std::optional<std::string>& file,
                                                   const std::string& prompt,
                                                   const std::stop_token& stop);

/// A new pass phrase: the first line of `file`, or asked for twice on the terminal. Throws Error of
/// `Exit::usage` where it is empty, both answers differ, or there is no terminal.
[[nodiscard]] Secret choose_passphrase(const std::optional<std::string>& file,
                                       const std::stop_token& stop);

}  // namespace pgseal::cli
