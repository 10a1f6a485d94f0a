#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "base/size.h"
#include "cli/progress_view.h"
#include "cli/read_options.h"

namespace pgseal::cli {

namespace {

struct Flags {
  ReadFlags read;
  std::optional<std::string> output;
};

/// Writes to something that is there already: standard output, a device, a pipe.
class OpenSink final : public Sink {
 public:
  OpenSink(int fd, std::string name, const std::stop_token& stop)
      : fd_(fd), name_(std::move(name)), stop_(stop) {}
  OpenSink(UniqueFd fd, std::string name, const std::stop_token& stop)
      : owned_(std::move(fd)), fd_(owned_.get()), name_(std::move(name)), stop_(stop) {}
  void write(ByteView bytes) override {
    if (!write_or_stop(fd_, bytes, stop_, "to " + name_)) {
      throw Cancelled(format("cannot write to {}: nobody reads it", name_));
    }
  }
  void finish() override {}

 private:
  UniqueFd owned_;
  int fd_;
  std::string name_;
  StopFd stop_;
};

Error failure(const char* what, const std::string& path) {
  return system_error(Exit::usage, format("cannot {} \"{}\"", what, path), errno);
}

/// A file that gets its name when it is whole.
class FileSink final : public Sink {
 public:
  explicit FileSink(const std::string& path) : path_(path), temporary_(path + ".XXXXXX") {
    fd_ = UniqueFd(::mkostemp(temporary_.data(), O_CLOEXEC));  // mode 0600
    if (!fd_) throw failure("create", path_);
  }
  ~FileSink() override {
    if (fd_) ::unlink(temporary_.c_str());
  }
  void write(ByteView bytes) override { write_all(fd_.get(), bytes, "\"" + path_ + "\""); }
  void finish() override {
    if (::fsync(fd_.get()) != 0) throw failure("write", path_);
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) throw failure("create", path_);
    fd_.reset();
  }

 private:
  std::string path_, temporary_;
  UniqueFd fd_;
};

std::unique_ptr<Sink> open_output(const std::string& path, const std::stop_token& stop) {
  if (path == "-") return std::make_unique<OpenSink>(STDOUT_FILENO, "standard output", stop);
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode)) {
    // A link is followed, not replaced.
    std::error_code none_yet;
    const auto real = std::filesystem::canonical(path, none_yet);
    return std::make_unique<FileSink>(none_yet ? path : real.string());
  }
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) throw failure("open", path);
  return std::make_unique<OpenSink>(std::move(fd), "\"" + path + "\"", stop);
}

Exit run(const Flags& flags, const Context& context) {
  Problems problems;
  const auto read = resolve_read(flags.read, context.environment, problems);
  problems.throw_if_any();
  AwsAccess access(context.environment, context.clock);
  const auto store = open_store(read->store, access, context.clock);
  engine::ClassicReader reader = open_backup(flags.read, *read, *store, context);

  engine::Progress progress;
  std::unique_ptr<Sink> sink;
  {
    const ProgressView view(progress, {"decrypted", nullptr, "read"}, context.clock);
    if (reader.entry().manifest) reader.verify(progress);
    sink = open_output(flags.output.value_or("-"), context.stop);
    reader.write_sql(*sink, progress);
    sink->finish();
  }
  log::info("decrypted \"{}\": {} of SQL", reader.entry().name.text(),
            format_size(progress.dumped));
  return Exit::ok;
}

}  // namespace

void add_decrypt_command(CLI::App& app, Action& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command = *app.add_subcommand("decrypt", "Write a backup's SQL to a file or a pipe");
  add_read_options(command, flags->read);
  add_text(command, "-o,--output", flags->output, "file to write, - for standard output (default)")
      ->type_name("FILE");
  command.callback([flags, &chosen] {
    chosen = [flags](const Context& context) { return run(*flags, context); };
  });
}

}  // namespace pgseal::cli
