#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""threats.py ROOT [--fix]: holds tests/THREATS.md and the tests named after its rows (T01_...) together.

A row names the files that hold it, or says "planned". A file that a row names has a test named
after that row, and a test that is named after a row stands in a file that the row names. --fix
writes what is held where.
"""

import os
import re
import sys
import textwrap

ROW = re.compile(r"^\*\*(T\d\d)\.")
TESTS = (re.compile(r"BOOST_\w*TEST_CASE\w*\(\s*(\w+)"),
         re.compile(r"add_test\(\s*NAME\s+(\w+)"))
NUMBER = re.compile(r"(?:^|_)(T\d\d)(?=_)")


def tests_by_row(tests):
    """{row: {file: a test there}}, for the names of all tests below the folder."""
    rows = {}
    for folder, _, names in os.walk(tests):
        for name in names:
            if not (name.endswith(".cpp") or name == "CMakeLists.txt"):
                continue
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for pattern in TESTS:
                for test in pattern.findall(text):
                    for row in NUMBER.findall(test):
                        rows.setdefault(row, {})[os.path.relpath(path, tests)] = test
    return rows


def listed_rows(page):
    """{row: (the files it names, whether it is planned)}; a row ends with an empty line."""
    rows, faults = {}, []
    with open(page, encoding="utf-8") as file:
        blocks = file.read().split("\n\n")
    for block in blocks:
        row = ROW.match(block)
        if not row:
            continue
        if row[1] in rows:
            faults.append(f"{page}: {row[1]} is there twice")
        held = re.search(r"^Held by:(.*)", block, re.MULTILINE | re.DOTALL)
        files = re.findall(r"`([^`]+)`", held[1]) if held else []
        rows[row[1]] = (files, bool(re.search(r"^Planned\.$", block, re.MULTILINE)))
    return rows, faults


def fix(page, held):
    """Writes the files of each row that has tests."""
    with open(page, encoding="utf-8") as file:
        blocks = file.read().split("\n\n")
    for number, block in enumerate(blocks):
        row = ROW.match(block)
        if row and row[1] in held:
            files = ", ".join(f"`{file}`" for file in sorted(held[row[1]]))
            line = textwrap.fill("Held by: " + files, 100, break_long_words=False,
                                 break_on_hyphens=False)
            blocks[number] = re.sub(r"^(Held by:|Planned\.$).*", lambda _: line, block,
                                    flags=re.MULTILINE | re.DOTALL)
    with open(page, "w", encoding="utf-8") as file:
        file.write("\n\n".join(blocks))


def main():
    tests = os.path.join(sys.argv[1], "tests")
    page = os.path.join(tests, "THREATS.md")
    held = tests_by_row(tests)
    if "--fix" in sys.argv[2:]:
        fix(page, held)
    rows, faults = listed_rows(page)
    if not rows or not held:
        faults.append(f"{page}: no rows, or no tests that are named after one")
    for row, (files, planned) in sorted(rows.items()):
        named = held.get(row, {})
        if planned == bool(files):
            faults.append(f"{page}: {row} needs either files under 'Held by:' or 'Planned.'")
        for file in files:
            if file not in named:
                faults.append(f"{page}: {row} names {file}, which has no test named {row}_...")
        for file in sorted(set(named) - set(files)):
            faults.append(f"{page}: {row} does not name {file}, which has {named[file]}")
    for row in sorted(set(held) - set(rows)):
        file, test = next(iter(held[row].items()))
        faults.append(f"{page}: there is no row {row}, and {file} has {test}")
    if faults and rows:
        faults.append(f"threats.py {sys.argv[1]} --fix writes what is held where")
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
