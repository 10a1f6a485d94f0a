#include "postgres/pg_restore.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <string_view>

#include "base/error.h"
#include "base/format.h"
#include "base/process.h"
#include "base/task_group.h"
#include "postgres/child.h"

namespace pgseal::postgres {

namespace {

void add_each(std::vector<std::string>& arguments, const char* name,
              const std::vector<std::string>& values) {
  for (const std::string& value : values) arguments.push_back(format("--{}={}", name, value));
}

/// Takes `prefix` off the beginning of `text`; false where it does not begin so.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// The number at the beginning of `text`; 0 where there is none.
template <typename Number>
Number leading_number(std::string_view text) {
  Number number = 0;
  [[maybe_unused]] const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "TABLE t owner" of "215; 1259 16391 TABLE t owner".
std::string_view entry_of(std::string_view line) {
  for (int i = 0; i < 3; ++i) {
    line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
  }
  return line;
}

/// Whether after this error all others say nothing of their own entries.
bool ends_everything(const RestoreMessage& error) {
  static constexpr std::array kWords = {
      "no connection to the server",   "server closed the connection",
      "terminating connection",        "could not receive data from server",
      "could not send data to server", "No space left on device",
      "in a read-only transaction"};
  return std::any_of(kWords.begin(), kWords.end(), [&](const char* words) {
    return error.text.find(words) != std::string::npos;
  });
}

}  // namespace

std::vector<std::string> RestoreOptions::selection() const {
  std::vector<std::string> arguments;
  add_each(arguments, "table", tables);
  add_each(arguments, "schema", schemas);
  add_each(arguments, "section", sections);
  if (create) arguments.emplace_back("--create");
  if (no_acl) arguments.emplace_back("--no-acl");
  return arguments;
}

std::vector<std::string> RestoreOptions::treatment() const {
  std::vector<std::string> arguments;
  if (clean) arguments.emplace_back("--clean");
  if (if_exists) arguments.emplace_back("--if-exists");
  if (no_owner) arguments.emplace_back("--no-owner");
  if (no_tablespaces) arguments.emplace_back("--no-tablespaces");
  if (!role.empty()) arguments.push_back("--role=" + role);
  if (exit_on_error) arguments.emplace_back("--exit-on-error");
  return arguments;
}

void RestoreMessageReader::add(std::string_view line) {
  if (take_prefix(line, "pg_restore: ")) {
    in_error_ = false;
    add_own(line);
  } else if (line.starts_with("Command was:")) {
    in_error_ = false;  // the statement follows, which may hold a secret
  } else if (in_error_ && !line.empty()) {
    messages_.errors.back().text += format(" {}", line);
  }
}

void RestoreMessageReader::add_own(std::string_view line) {
  if (take_prefix(line, "while ")) {  // "PROCESSING TOC:"
    dump_id_ = 0;
    entry_ = "pg_restore";
  } else if (take_prefix(line, "from TOC entry ")) {
    dump_id_ = leading_number<int>(line);
    entry_ = entry_of(line);
  } else if (take_prefix(line, "error: could not execute query: ")) {
    messages_.errors.push_back({dump_id_, entry_, std::string(line)});
    in_error_ = true;
  } else if (take_prefix(line, "warning: errors ignored on restore: ")) {
    messages_.ignored = leading_number<std::uint64_t>(line);
  } else if (take_prefix(line, "error: ")) {
    messages_.failure = line;
  } else if (line.starts_with("WARNING:") || take_prefix(line, "warning: ")) {
    messages_.warnings.emplace_back(line);
  }
}

TocArchive::TocArchive(const ArchiveToc& toc) : file_("toc", write_custom_toc(toc)) {}

std::set<int> list_entries(const Program& program, const TocArchive& toc,
                           const RestoreOptions& options, const std::stop_token& stop) {
  std::vector<std::string> arguments{program.path, "--list"};
  for (std::string& argument : options.selection()) arguments.push_back(std::move(argument));
  arguments.push_back(toc.path());
  std::string list;
  try {
    list = run_program(arguments, stop);
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    throw Error(Exit::database, error.message());
  }
  std::set<int> ids;
  for (std::string_view rest = list; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const int id = leading_number<int>(rest.substr(0, end));
    if (id > 0) ids.insert(id);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return ids;
}

namespace {

/// Thrown where nobody reads an archive any more: the child's status says why.
struct InputClosed {};

/// Standard input of a pg_restore, which may end before it has read all.
class ArchiveInput final : public Sink {
 public:
  ArchiveInput(Process& process, const std::stop_token& stop) : process_(process), stop_(stop) {}
  void write(ByteView bytes) override {
    if (!process_.write(bytes, stop_)) throw InputClosed();
  }
  void finish() override { process_.close_input(); }

 private:
  Process& process_;
  StopFd stop_;
};

}  // namespace

void write_script(const Program& program, const RestoreOptions& options,
                  const std::function<void(Sink& archive, const std::stop_token&)>& write_archive,
                  Sink& script, const std::stop_token& stop) {
  std::vector<std::string> arguments{program.path, "--file=-"};
  for (std::string& argument : options.selection()) arguments.push_back(std::move(argument));
  for (std::string& argument : options.treatment()) arguments.push_back(std::move(argument));
  Process process({.arguments = std::move(arguments),
                   .environment = child_environment({}),
                   .standard_input = Process::Stdio::pipe});
  TaskGroup writer(stop);
  writer.run([&](const std::stop_token& token) {
    ArchiveInput input(process, token);
    try {
      write_archive(input, token);
      input.finish();
    } catch (const InputClosed&) {
      return;
    } catch (...) {
      process.close_input();  // or it would wait for more
      throw;
    }
  });
  try {
    const StopFd stop_fd(writer.token());
    Bytes buffer(256 * kKiB);
    while (const std::size_t n = process.read(buffer, stop_fd)) {
      script.write(ByteView(buffer).first(n));
    }
    const auto status = process.wait(stop_fd);
    if (!status.ok()) {
      throw Error(Exit::database, format("pg_restore failed with {}{}", status.describe(),
                                         own_words(process.error_lines())));
    }
  } catch (...) {
    writer.fail(std::current_exception());
  }
  writer.wait();
}

RestoreMessages run_pg_restore(const Program& program, const TocArchive& toc,
                               const std::vector<int>& ids, const RestoreOptions& options,
                               const ConnParams& target, const std::stop_token& stop) {
  std::string list;
  for (const int id : ids) list += format("{};\n", id);
  const MemoryFile list_file("list", as_bytes(list));
  std::vector<std::string> arguments{program.path, "--verbose", "--no-password",
                                     "--use-list=" + list_file.path(),
                                     "--dbname=" + target.to_conninfo()};
  if (options.create) arguments.emplace_back("--create");
  for (std::string& argument : options.treatment()) arguments.push_back(std::move(argument));
  arguments.push_back(toc.path());
  const StopFd stop_fd(stop);
  RestoreMessageReader reader;
  Process process({.arguments = std::move(arguments),
                   .environment = child_environment(target),
                   .standard_output = Process::Stdio::null,
                   .take_error_line = [&](const std::string& line) { reader.add(line); }});
  const auto status = process.wait(stop_fd);
  const RestoreMessages& messages = reader.messages();
  const auto& errors = messages.errors;
  const auto last_words = [&](const RestoreMessage& error) {
    return format("{}: {}", error.entry, error.text);
  };
  const bool reached_end = status.ok() || (status.exit_code == 1 && messages.ignored > 0);
  if (!reached_end) {
    throw Error(Exit::database,
                format("pg_restore failed with {}: {}", status.describe(),
                       !messages.failure.empty() || errors.empty() ? messages.failure
                                                                   : last_words(errors.back())));
  }
  const auto end = std::find_if(errors.begin(), errors.end(), ends_everything);
  if (end != errors.end()) {
    throw Error(Exit::database, format("pg_restore could not go on: {}", last_words(*end)));
  }
  return messages;
}

}  // namespace pgseal::postgres
