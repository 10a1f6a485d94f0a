#pragma once
// A file that is made when pgseal is built.

#include <string>

namespace pgseal::manual {

struct GeneratedFile {
  std::string path;  ///< below the directory of all of them: "man1/pgseal.1"
  std::string text;
};

}  // namespace pgseal::manual
