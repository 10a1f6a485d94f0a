#include "base/memory_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/format.h"

namespace pgseal {

MemoryFile::MemoryFile(const std::string& name, ByteView content)
    : file_(::memfd_create(name.c_str(), MFD_CLOEXEC)),
      path_(format("/proc/{}/fd/{}", ::getpid(), file_.get())) {
  if (!file_)
    throw system_error(Exit::internal, format("cannot make the file \"{}\"", name), errno);
  write_all(file_.get(), content, format("the file \"{}\" in memory", name));
}

}  // namespace pgseal
