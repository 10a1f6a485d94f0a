#include "support/age_program.h"

#include <stdexcept>

#include "support/temp_dir.h"

namespace pgseal::test {

namespace {

CommandOptions with_input(std::string_view input) {
  CommandOptions options;
  options.input = input;
  return options;
}

std::vector<std::string> command(std::vector<std::string> words,
                                 const std::vector<std::string>& options) {
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

/// The first word and the second of a line: "ssh-rsa AAAA... comment".
std::string without_comment(const std::string& line) {
  return line.substr(0, line.find_first_of(" \n", line.find(' ') + 1));
}

}  // namespace

std::string age_encrypt(const std::vector<std::string>& options, std::string_view plain) {
  return run_ok(command({"age"}, options), with_input(plain));
}

CommandResult age_decrypt(const std::vector<std::string>& options, std::string_view file) {
  return run(command({"age", "--decrypt"}, options), with_input(file));
}

std::string recipient_of(const std::string& identity_file) {
  const std::string lines = run_ok({"age-keygen", "-y", identity_file});
  return lines.substr(0, lines.find('\n'));
}

AgeKey make_age_key(const std::string& directory) {
  const std::string file = directory + "/age.txt";
  (void)run_ok({"age-keygen", "-o", file});
  return {file, recipient_of(file)};
}

AgeKey make_ssh_key(const std::string& directory, const std::string& type,
                    const std::string& passphrase) {
  const std::string file = directory + "/ssh_" + type;
  std::vector<std::string> keygen{"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-f", file};
  if (type == "rsa") keygen.insert(keygen.end(), {"-b", "2048"});
  (void)run_ok(keygen);
  return {file, without_comment(read_text(file + ".pub"))};
}

AgeKey make_pem_key(const std::string& directory, const std::string& options) {
  const std::string file = directory + "/rsa.pem";
  const auto made =
      sh("openssl genrsa 2048 | openssl rsa " + options + " -out " + file + "\nopenssl rsa -in " +
         file + " -passin pass:secret -pubout -out " + file + ".pub");
  if (!made.ok()) throw std::runtime_error(made.describe());
  return {file, read_text(file + ".pub")};
}

}  // namespace pgseal::test
