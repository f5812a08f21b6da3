# SPDX-License-Identifier: Apache-2.0
# console.py type TEXT: types it at the first virtual terminal, \n for Enter.
# console.py shows TEXT...: waits until one of them is on its screen, and prints the screen; exit code 1 after two minutes.
# console.py clear: so that what was shown before is not taken for what is shown next.
import fcntl
import sys
import termios
import time


def screen():
    with open("/dev/vcs1", "rb") as memory:
        text = memory.read().decode("latin-1").replace("\0", " ")
    return text, "\n".join(text[i:i + 80].rstrip() for i in range(0, len(text), 80)).strip()


if sys.argv[1] == "type":
    with open("/dev/tty1", "w") as terminal:
        for character in sys.argv[2].replace("\\n", "\n"):
            fcntl.ioctl(terminal, termios.TIOCSTI, character.encode())
elif sys.argv[1] == "clear":
    with open("/dev/tty1", "w") as terminal:
        terminal.write("\033[H\033[2J")
else:
    for _ in range(1200):
        flowing, lines = screen()
        if any(text in flowing for text in sys.argv[2:]):
            break
        time.sleep(0.1)
    else:
        sys.exit(lines or "the screen is empty")
    print(lines)
