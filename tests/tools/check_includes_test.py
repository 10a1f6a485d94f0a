#!/usr/bin/env python3
"""Gives tools/check-includes a small house with one forbidden include at a time."""

import subprocess
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check-includes"

CLEAN_HOUSE = {
    "src/base/error.h": "#include <string>\n#include <sys/wait.h>\n#include <fmt/format.h>\n",
    "src/base/error_test.cpp": '#include <gtest/gtest.h>\n#include "support/temp_dir.h"\n',
    "src/crypto/hash.h": '#include "base/error.h"\n#include <openssl/evp.h>\n',
    "src/net/http_client.h": '#include "base/error.h"\n#include <curl/curl.h>\n',
    "src/store/s3.cpp": '#include "crypto/hash.h"\n#include <string>\n',
    "src/compress/bzip2.cpp": '#include <bzlib.h>\n#include "compress/bzip2.h"\n',
    "src/compress/bzip2.h": "#include <vector>\n",
    "src/postgres/connection.cpp": "#  include <libpq-fe.h>\n",
    "src/cli/main.cpp": '#include <CLI/CLI.hpp>\n#include "net/http_client.h"\n',
    "tests/support/temp_dir.h": '#include "base/error.h"\n#include <unistd.h>\n',
    "tests/integration/backup_test.cpp": '#include "crypto/hash.h"\n#include <gmock/gmock.h>\n',
}


def run_check(house):
    with tempfile.TemporaryDirectory() as root:
        for name, text in house.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        result = subprocess.run([CHECK, root], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


class CheckIncludes(unittest.TestCase):
    def assert_refused(self, name, include, why):
        house = dict(CLEAN_HOUSE)
        house[name] = house.get(name, "#pragma once\n") + include + "\n"
        line = house[name].count("\n")
        code, output = run_check(house)
        self.assertEqual(code, 1, output)
        self.assertIn(f"{name}:{line}: ", output)
        self.assertIn(why, output)
        self.assertIn(" 1 forbidden include", output)

    def test_accepts_a_clean_house(self):
        code, output = run_check(CLEAN_HOUSE)
        self.assertEqual(code, 0, output)
        self.assertIn(f"{len(CLEAN_HOUSE)} files, 0 forbidden includes", output)

    def test_refuses_an_include_against_the_direction(self):
        self.assert_refused("src/base/error.h", '#include "crypto/hash.h"',
                            "base/ may include nothing of ours")
        self.assert_refused("src/net/http_client.h", '#include "crypto/hash.h"',
                            "net/ may include base")
        self.assert_refused("src/store/s3.cpp", '#include "compress/bzip2.h"', "direction")
        self.assert_refused("src/store/s3_test.cpp", '#include "compress/bzip2.h"', "direction")

    def test_keeps_each_library_in_one_folder(self):
        for header, owner in (("fmt/format.h", "base"), ("spdlog/spdlog.h", "base"),
                              ("nlohmann/json.hpp", "base"), ("bzlib.h", "compress"),
                              ("openssl/rsa.h", "crypto"), ("curl/curl.h", "net"),
                              ("pugixml.hpp", "base"), ("libpq-fe.h", "postgres"),
                              ("CLI/CLI.hpp", "cli")):
            with self.subTest(header=header):
                self.assert_refused("src/engine/backup.cpp", f"#include <{header}>",
                                    f"<{header}> is included in {owner}/ only")
                self.assert_refused("tests/support/temp_dir.h", f"#include <{header}>",
                                    f"<{header}> is included in {owner}/ only")

    def test_keeps_test_headers_out_of_the_program(self):
        self.assert_refused("src/base/error.h", "#include <gtest/gtest.h>", "in tests/ only")
        self.assert_refused("src/base/error.h", '#include "support/temp_dir.h"',
                            "belongs to the tests")

    def test_refuses_relative_includes(self):
        self.assert_refused("src/crypto/hash.h", '#include "../base/error.h"', "is relative")
        self.assert_refused("src/crypto/hash.h", '#include "crypto/../base/error.h"', "is relative")

    def test_refuses_unknown_includes(self):
        self.assert_refused("src/crypto/hash.h", '#include "error.h"', "is unknown")
        self.assert_refused("src/crypto/hash.h", '#include "base/absent.h"', "is unknown")
        self.assert_refused("src/crypto/hash.h", "#include <boost/asio.hpp>", "is unknown")
        self.assert_refused("src/crypto/hash.h", "#include SOME_HEADER", "cannot tell")

    def test_refuses_a_folder_without_a_row(self):
        code, output = run_check(CLEAN_HOUSE | {"src/attic/old.h": "#include <string>\n"})
        self.assertEqual(code, 1, output)
        self.assertIn("src/attic/old.h:1: attic/ is unknown", output)

    def test_refuses_an_empty_house(self):
        code, output = run_check({})
        self.assertEqual(code, 1, output)
        self.assertIn("no sources", output)


if __name__ == "__main__":
    unittest.main()
