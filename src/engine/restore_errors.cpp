#include "engine/restore_errors.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/format.h"
#include "base/log.h"

namespace pgseal::engine {

using postgres::RestoreMessage;
using postgres::TocEntry;

namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Roles that belong to who runs the server; their default privileges are not the customer's.
bool names_a_providers_role(std::string_view definition) {
  constexpr std::array kRoles = {"rdsadmin",          "rds_superuser", "cloudsqladmin",
                                 "cloudsqlsuperuser", "azuresu",       "azure_superuser",
                                 "azure_pg_admin"};
  return std::any_of(kRoles.begin(), kRoles.end(), [&](const char* role) {
    return contains(definition, format("FOR ROLE {} ", role));
  });
}

}  // namespace

std::string why_harmless(const TocEntry* entry, const std::string& text) {
  if (entry == nullptr) {
    return contains(text, "unrecognized configuration parameter")
               ? "the server does not know a setting of the newer pg_restore"
               : "";
  }
  if (contains(text, "cannot drop inherited constraint")) return "it goes with its parent's";
  const std::string description = entry->description.value_or(""), tag = entry->tag.value_or("");
  if (description == "COMMENT" && tag.starts_with("EXTENSION ") &&
      contains(text, "must be owner of extension")) {
    return "the server's provider owns the extension and its comment";
  }
  if (contains(text, "must be owner of extension plpgsql") ||
      contains(text, "must be owner of language plpgsql")) {
    return "the server's provider owns plpgsql";
  }
  if (description == "SCHEMA" && tag == "public" &&
      (contains(text, "already exists") || contains(text, "must be owner of schema public"))) {
    return "every database has a schema public, and the server's provider owns it";
  }
  if (description == "COMMENT" && tag == "SCHEMA public" &&
      contains(text, "must be owner of schema public")) {
    return "the server's provider owns the schema public and its comment";
  }
  if (description == "DEFAULT ACL" && contains(text, "permission denied") &&
      names_a_providers_role(entry->definition.value_or(""))) {
    return "default privileges of a role of the server's provider";
  }
  return "";
}

void RestoreErrors::add(const RestoreMessage& message) {
  const auto entry = std::find_if(toc_.entries.begin(), toc_.entries.end(),
                                  [&](const TocEntry& e) { return e.dump_id == message.dump_id; });
  const std::string why =
      why_harmless(entry == toc_.entries.end() ? nullptr : &*entry, message.text);
  log::debug("{}: {}", message.entry, message.text);
  const std::lock_guard lock(mutex_);
  if (why.empty()) {
    errors_.push_back(message);
  } else {
    left_out_.push_back({message.dump_id, message.entry, format("{} ({})", why, message.text)});
  }
}

void RestoreErrors::add(const TocEntry& entry, const std::string& part, const Error& error) {
  // Where the server is, all lines would say.
  const std::size_t words = error.message().find("ERROR:");
  add({entry.dump_id, entry_name(entry),
       part + (words == std::string::npos ? error.message() : error.message().substr(words))});
}

void RestoreErrors::add(const postgres::RestoreMessages& messages) {
  for (const RestoreMessage& message : messages.errors) add(message);
  for (const std::string& line : messages.warnings) log::warning("pg_restore: {}", line);
  if (messages.ignored <= messages.errors.size()) return;
  const std::lock_guard lock(mutex_);
  unnamed_ += messages.ignored - messages.errors.size();
}

std::vector<RestoreMessage> RestoreErrors::errors() const {
  const std::lock_guard lock(mutex_);
  return errors_;
}

std::vector<RestoreMessage> RestoreErrors::left_out() const {
  const std::lock_guard lock(mutex_);
  return left_out_;
}

std::uint64_t RestoreErrors::count() const {
  const std::lock_guard lock(mutex_);
  return errors_.size() + unnamed_;
}

void RestoreErrors::log() const {
  for (const RestoreMessage& message : left_out()) {
    log::info("left out {}: {}", message.entry, message.text);
  }
  for (const RestoreMessage& message : errors()) {
    log::error("{}: {}", message.entry, message.text);
  }
}

std::string entry_name(const TocEntry& entry) {
  const std::string schema = entry.schema.value_or("");
  return format("{} {}{}{}", entry.description.value_or(""), schema, schema.empty() ? "" : ".",
                entry.tag.value_or(""));
}

}  // namespace pgseal::engine
