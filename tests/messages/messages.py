#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every message of the command line, the PAM module, the daemon and its helpers, in one list.

messages.py ROOT           prints FILE:LINE and the text, in the order of the sources
messages.py ROOT --check   prints what is not plain English (CONTRIBUTING.md), and headers that do not
                           begin with what the file is for; fails if there is anything

A message is a string literal of the sources with a space between two words in it: what is shown,
logged, sent or told to a developer of the API. {} stands for what is filled in.
"""

import os
import re
import sys

FOLDERS = ("cli", "daemon", "devices", "core")
LEAST = 1500  # of messages: fewer means that this program no longer finds them

# What nobody would say aloud, and what to say. CONTRIBUTING.md, "Plain English".
DIALECT = [
    (r"\banew\b", "again"),
    (r"\bis none\b", "say what it is: is not a ..., is missing"),
    (r"\bnobody that\b", "no one who, or say who it is"),
    (r"\bgiven up\b", "cancelled"),
    (r"\bstands? in for\b", "replaces"),
    (r"\bis to be\b", "must be, will be"),
    (r"\bare to be\b", "must be, will be"),
    (r"\bwho(?:ever)? came over\b", "a caller over"),
    (r"\bis no (?:number|object|text|list|time|date|address|such thing)\b", "is not a ..."),
    (r"^Who (?!may|is|has|can|does|asks|verifies|it|they)\w+s\b", "Anyone who"),
    (r"\bholds no longer\b", "is no longer valid"),
    (r"\bdies\b", "expires"),
    (r"\b(?:does not hold|that holds)\b(?! (?:a|an|the)\b)", "is not valid, is valid"),
    (r"\b(?:is|are) not taken\b", "is not accepted, is not supported"),
    (r"\bleads? to\b", "chains to"),
    (r"\bbelieved\b", "trusted"),
    (r"\bnot yet there\b", "not available yet"),
    (r"\bcame to nothing\b", "failed"),
    (r"\bthe person's\b", "the user's"),
]

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\((?P<raw>.*?)\)(?P=tag)"|"(?P<text>(?:[^"\\\n]|\\.)*)"'
    r"|'(?:[^'\\\n]|\\.)*'|(?P<other>[A-Za-z_0-9]+|\S)|(?P<space>\s+)", re.S)
ESCAPES = {"n": " ", "t": " ", '"': '"', "\\": "\\"}


def literals(source):
    """(line, text) of each string literal, adjacent ones as one; not of #include lines."""
    line, begun, text = 1, 0, None
    for match in TOKEN.finditer(source):
        kind = match.lastgroup
        word = match.group(0)
        if kind == "text":
            piece = re.sub(r"\\(.)", lambda m: ESCAPES.get(m.group(1), " "), match.group("text"))
            if text is None:
                begun, text = line, ""
            text += piece
        elif kind == "other" or kind == "raw":
            if text is not None:
                yield begun, text
            text = None
        line += word.count("\n")
    if text is not None:
        yield begun, text


def is_message(text):
    return re.search(r"[A-Za-z]{2,}[,:;.)']? [(']?[A-Za-z{]{2,}", text) is not None and not re.match(
        r"\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|BEGIN|PRAGMA|WITH|DROP|ALTER)\b", text)


def messages(root):
    for folder in FOLDERS:
        for place, folders, files in os.walk(os.path.join(root, folder)):
            folders.sort()
            for name in sorted(files):
                if not name.endswith((".cpp", ".h")):
                    continue
                path = os.path.join(place, name)
                with open(path, encoding="utf-8") as file:
                    source = re.sub(r"^\s*#.*$", "", file.read(), flags=re.M)
                for line, text in literals(source):
                    if is_message(text):
                        yield os.path.relpath(path, root), line, re.sub(r"\s+", " ", text).strip()


def headers(root):
    for folder in FOLDERS + ("tests",):
        for place, _, files in os.walk(os.path.join(root, folder)):
            yield from (os.path.join(place, name) for name in sorted(files) if name.endswith(".h"))


def main():
    root = sys.argv[1]
    found = list(messages(root))
    if "--check" not in sys.argv:
        for path, line, text in found:
            print(f"{path}:{line}: {text}")
        return 0
    wrong = 0
    for path, line, text in found:
        for pattern, better in DIALECT:
            if re.search(pattern, text, re.I):
                print(f"{path}:{line}: '{text}'\n    {pattern}: {better}")
                wrong += 1
    for path in headers(root):
        with open(path, encoding="utf-8") as file:
            second = file.read().split("\n")[1]
        if not second.startswith("// "):
            print(f"{os.path.relpath(path, root)}: the line after the licence does not say what the file is for")
            wrong += 1
    if len(found) < LEAST:
        print(f"only {len(found)} messages were found")
        wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
