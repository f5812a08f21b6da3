#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""includes.py ROOT [TABLE]: holds the #include lines of the tree to tests/checks/includes.table."""

import os
import re
import sys

FLOORS = ("core", "devices", "daemon", "cli", "udev", "tests")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def lines_of(path):
    """Lines without comments; one that begins with a space goes on with the line before."""
    lines = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.split("#", 1)[0].rstrip()
        if line.startswith(" ") and lines:
            lines[-1] = (lines[-1][0], lines[-1][1] + line)
        elif line:
            lines.append((number, line.strip()))
    return lines


def read_table(path):
    rooms, exceptions, faults = {}, {}, []
    for number, line in lines_of(path):
        where = f"{path}:{number}"
        exception = re.fullmatch(r"except (\S+) includes (\S+)", line)
        room = re.fullmatch(r"(\S+):\s*(.*)", line)
        if exception:
            if exception.groups() in exceptions:
                faults.append(f"{where}: this exception is there twice")
            exceptions[exception.groups()] = where
        elif room:
            if room[1] in rooms:
                faults.append(f"{where}: {room[1]} is there twice")
            rooms[room[1]] = room[2].split()
        else:
            faults.append(f"{where}: not understood: {line}")
    for room, allowed in rooms.items():
        faults += [f"{path}: {room} may include {other}, which has no line"
                   for other in allowed if other != "*" and other not in rooms]
    return rooms, exceptions, faults


def room_of(path, rooms):
    """The most exact line of the table for a file: itself, its folder, a folder above with '/'."""
    if path in rooms:
        return path
    folder = os.path.dirname(path)
    if folder in rooms:
        return folder
    while folder:
        if folder + "/" in rooms:
            return folder + "/"
        folder = os.path.dirname(folder)
    return None


def way(arrows, start, end):
    """The rooms from start to end by the arrows, or None."""
    ways = {start: [start]}
    open_rooms = [start]
    while open_rooms:
        room = open_rooms.pop(0)
        for other in sorted(arrows.get(room, ())):
            if other == end:
                return ways[room] + [other]
            if other not in ways:
                ways[other] = ways[room] + [other]
                open_rooms.append(other)
    return None


def includes(root):
    for floor in FLOORS:
        for folder, _, names in os.walk(os.path.join(root, floor)):
            for name in sorted(names):
                if not name.endswith((".cpp", ".h")):
                    continue
                path = os.path.relpath(os.path.join(folder, name), root)
                with open(os.path.join(root, path), encoding="utf-8") as text:
                    for number, line in enumerate(text, 1):
                        found = INCLUDE.match(line)
                        if found:
                            yield path, number, found[1]


def check(root, table):
    rooms, exceptions, faults = read_table(table)
    allowed = {room: {other for other in others if other != "*"} for room, others in rooms.items()}
    for room in sorted(allowed):
        circle = way(allowed, room, room)
        if circle and room == min(circle):
            faults.append(f"{table}: the table allows a circle: {' -> '.join(circle)}")

    used, unknown = set(), set()
    for path, number, header in includes(root):
        if not os.path.exists(os.path.join(root, header)):
            continue  # generated, or a header of somebody else
        here, there = room_of(path, rooms), room_of(header, rooms)
        for file, room in ((path, here), (header, there)):
            if room is None and os.path.dirname(file) not in unknown:
                unknown.add(os.path.dirname(file))
                faults.append(f"{path}:{number}: {os.path.dirname(file)} has no line in {table}: "
                              "add it, with what it may include")
        if here is None or there is None or here == there:
            continue
        if "*" in rooms[here] or there in rooms[here]:
            continue
        if (path, header) in exceptions:
            used.add((path, header))
            continue
        back = way(allowed, there, here)
        why = f"; it closes the circle {' -> '.join([here] + back)}" if back else ""
        faults.append(f'{path}:{number}: {here} may not include "{header}" ({there}){why}')
    faults += [f"{exceptions[it]}: nothing needs this exception any more: remove it"
               for it in sorted(set(exceptions) - used)]
    faults += [f"{table}: {room} is in the table and not in the tree"
               for room in rooms if not os.path.exists(os.path.join(root, room))]
    return faults


def main():
    root = sys.argv[1]
    table = sys.argv[2] if len(sys.argv) > 2 else os.path.join(root, "tests/checks/includes.table")
    faults = check(root, table)
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
