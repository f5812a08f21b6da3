#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each check finds what it is for, on a small tree that is right but for one thing."""

import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_check(self, check):
        done = subprocess.run([sys.executable, os.path.join(HERE, check), self.root],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def passes(self, check):
        self.assertEqual(self.run_check(check), (0, ""))

    def fails(self, check, *words):
        code, said = self.run_check(check)
        self.assertEqual(code, 1, said)
        for word in words:
            self.assertIn(word, said)


class Includes(Tree):
    TABLE = "core:  # nothing\ncore/crypto/: core\ndaemon: core\n  core/crypto/\n"

    def setUp(self):
        super().setUp()
        self.write("tests/checks/includes.table", self.TABLE)
        self.write("core/a.h", "#pragma once\n")
        self.write("core/crypto/deep/b.h", '#include "core/a.h"\n')
        self.write("daemon/c.cpp", '#include "core/crypto/deep/b.h"\n#include "generated.h"\n')

    def table(self, text):
        self.write("tests/checks/includes.table", text)

    def test_what_the_table_allows_passes(self):
        self.passes("includes.py")

    def test_an_arrow_that_is_not_there(self):
        self.write("core/crypto/d.cpp", '#include "daemon/c.h"\n')
        self.write("daemon/c.h", "")
        self.fails("includes.py", "core/crypto/d.cpp:1", "core/crypto/ -> daemon -> core/crypto/")

    def test_a_folder_without_a_line(self):
        self.write("core/new/e.cpp", '#include "core/a.h"\n')
        self.fails("includes.py", "core/new has no line")

    def test_a_circle_in_the_table(self):
        self.table(self.TABLE.replace("core:  #", "core: core/crypto/ #"))
        self.fails("includes.py", "core -> core/crypto/ -> core")

    def test_an_exception_and_one_that_nothing_needs(self):
        self.write("core/a.h", '#include "core/crypto/deep/b.h"\n')
        self.fails("includes.py", "core/a.h:1")
        self.table(self.TABLE + "except core/a.h includes core/crypto/deep/b.h\n")
        self.passes("includes.py")
        self.write("core/a.h", "")
        self.fails("includes.py", "nothing needs this exception")

    def test_a_line_without_a_folder(self):
        self.table(self.TABLE + "cli: core\n")
        self.fails("includes.py", "cli is in the table and not in the tree")


class Threats(Tree):
    PAGE = ("**T01. Racers:** try.\nHeld by: `core/a.cpp`\n\n"
            "**T02. Thief:** steals.\nPlanned.\n")

    def setUp(self):
        super().setUp()
        self.write("tests/THREATS.md", self.PAGE)
        self.write("tests/core/a.cpp", "BOOST_FIXTURE_TEST_CASE(T01_once, Rig) {}\n")

    def test_page_and_tests_agree(self):
        self.passes("threats.py")

    def test_the_test_is_gone(self):
        self.write("tests/core/a.cpp", "BOOST_AUTO_TEST_CASE(once) {}\n")
        self.fails("threats.py", "T01 names core/a.cpp")

    def test_a_test_of_a_planned_row(self):
        self.write("tests/core/b.cpp", "BOOST_AUTO_TEST_CASE(T02_caught) {}\n")
        self.fails("threats.py", "T02 does not name core/b.cpp")

    def test_a_second_number_in_a_name(self):
        self.write("tests/core/b.cpp", "BOOST_AUTO_TEST_CASE(T03_T01_both) {}\n")
        self.fails("threats.py", "T01 does not name core/b.cpp", "no row T03")

    def test_fix_writes_what_is_held_where(self):
        self.write("tests/core/b.cpp", "BOOST_AUTO_TEST_CASE(T02_T01_both) {}\n")
        self.fails("threats.py", "--fix")
        subprocess.run([sys.executable, os.path.join(HERE, "threats.py"), self.root, "--fix"],
                       check=True)
        self.passes("threats.py")

    def test_a_row_that_says_nothing(self):
        self.write("tests/THREATS.md", self.PAGE.replace("Planned.\n", ""))
        self.fails("threats.py", "T02 needs either")


class Links(Tree):
    def setUp(self):
        super().setUp()
        self.write("core/a.cpp", "")
        self.write("doc/page.md", "# Two words\n")
        self.write("README.md", "`core/a`, `core/{a,a}.cpp`, `a/b`, [it](doc/page.md#two-words)\n")

    def test_what_is_there(self):
        self.passes("links.py")

    def test_a_path_that_is_not_there(self):
        self.write("doc/page.md", "# Two words\n\nSee `core/b.cpp`, `../core/{a,c}.cpp`.\n")
        self.fails("links.py", "doc/page.md:3: there is no core/b.cpp", "../core/c.cpp")

    def test_links_that_lead_nowhere(self):
        self.write("doc/page.md", "# Another\n\n[back](../LIESMICH.md)\n")
        self.fails("links.py", "README.md:1: no such heading",
                   "doc/page.md:3: the link leads nowhere")


if __name__ == "__main__":
    unittest.main()
