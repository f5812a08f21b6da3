#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""links.py ROOT: every file that a Markdown page links to, or names in backticks, is there.

In backticks a path counts when it has a slash and its first part is a folder of the tree or of the
page's folder, or when it begins with "./" or "../". It may start at the root or at the page's
folder, and leave out its ending ("core/decide" for core/decide.cpp). Braces and "*" mean what they
mean to a shell.
"""

import glob
import os
import re
import subprocess
import sys
import urllib.parse

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PATH = re.compile(r"(?:\.{0,2}/)?[\w.{},*-]+(?:/[\w.{},*-]+)*/?")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def spellings(path):
    """What the shell makes of {a,b}."""
    found = re.search(r"\{([^{}]*)\}", path)
    if not found:
        return [path]
    return [it for part in found[1].split(",")
            for it in spellings(path[:found.start()] + part + path[found.end():])]


def there(root, folder, path):
    return any(glob.glob(os.path.join(base, path)) or glob.glob(os.path.join(base, path) + ".*")
               for base in (root, folder))


def anchor(heading):
    text = re.sub(r"[`*]", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def pages(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "*.md"],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return listed.stdout.split("\n")[:-1]
    return [os.path.relpath(it, root) for it in glob.glob(root + "/**/*.md", recursive=True)
            if not it.startswith(os.path.join(root, "build"))]


def faults_of(root, page):
    text = open(os.path.join(root, page), encoding="utf-8").read()
    folder = os.path.join(root, os.path.dirname(page))
    prose = re.sub(r"^```.*?^```", lambda it: "\n" * it[0].count("\n"), text,
                   flags=re.MULTILINE | re.DOTALL)
    tops = {it for base in (root, folder) for it in os.listdir(base)
            if os.path.isdir(os.path.join(base, it))} - {"build", ".git"}
    for number, line in enumerate(prose.split("\n"), 1):
        for target in LINK.findall(line):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, part = urllib.parse.unquote(target).partition("#")
            if path and not os.path.exists(os.path.join(folder, path)):
                yield f"{page}:{number}: the link leads nowhere: {target}"
            elif part:
                other = os.path.join(folder, path) if path else os.path.join(root, page)
                headings = HEADING.findall(open(other, encoding="utf-8").read())
                if part not in map(anchor, headings):
                    yield f"{page}:{number}: no such heading: {target}"
        for code in CODE.findall(line):
            if not PATH.fullmatch(code) or "/" not in code:
                continue
            first = code.split("/")[0]
            if first not in tops and first not in (".", ".."):
                continue
            for path in spellings(code):
                if not there(root, folder, path):
                    yield f"{page}:{number}: there is no {path}"


def main():
    root = sys.argv[1]
    listed = pages(root)
    faults = [fault for page in listed for fault in faults_of(root, page)]
    if not listed:
        faults.append(f"{root}: no pages found")
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
