#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>

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

/// Standard output.
class OutputSink final : public Sink {
 public:
  void write(ByteView bytes) override {
    write_all(STDOUT_FILENO, bytes, "to standard output");
  }
  void finish() override {}
};

/// A file that gets its name when it is whole.
class FileSink final : public Sink {
 public:
  explicit FileSink(const std::string& path) : path_(path), temporary_(path + ".part") {
    fd_ = UniqueFd(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd_) throw failure("create", temporary_);
  }
  ~FileSink() override {
    if (fd_) ::unlink(temporary_.c_str());
  }
  void write(ByteView bytes) override { write_all(fd_.get(), bytes, "\"" + temporary_ + "\""); }
  void finish() override {
    if (::fsync(fd_.get()) != 0) throw failure("write", temporary_);
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) throw failure("create", path_);
    fd_.reset();
  }

 private:
  static Error failure(const char* what, const std::string& path) {
    return system_error(Exit::internal, format("cannot {} \"{}\"", what, path), errno);
  }
  std::string path_, temporary_;
  UniqueFd fd_;
};

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
    if (flags.output && *flags.output != "-") {
      sink = std::make_unique<FileSink>(*flags.output);
    } else {
      sink = std::make_unique<OutputSink>();
    }
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
