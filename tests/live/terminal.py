"""rivet on a terminal: a pseudo-terminal on one side, pyte, which knows nothing of rivet, on the other."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

import pyte

import support


class Terminal:
    """One run of rivet on a terminal of its own size. `frames` are the screens as they changed."""

    def __init__(self, *arguments, columns=80, rows=24, env=None, stdout=None):
        self.screen = pyte.HistoryScreen(columns, rows, history=100000, ratio=1)
        self.stream = pyte.ByteStream(self.screen)
        self.raw, self.frames = b"", []
        environment = {k: v for k, v in os.environ.items()
                       if k not in ("RUST_LOG", "RIVET_LOG", "NO_COLOR", "RUST_LOG_STYLE", "COLUMNS", "LINES")}
        environment.update({"TERM": "xterm-256color", **(env or {})})
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            self.set_size(0, columns, rows)
            if stdout is not None:
                os.dup2(stdout, 1)
            os.chdir(support.ROOT)
            os.execve(str(support.RIVET), ["rivet", *map(str, arguments)], environment)

    @staticmethod
    def set_size(fd, columns, rows):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        self.set_size(self.master, columns, rows)
        self.frames.append(("resized", columns))

    def read(self, seconds=0.1):
        """False once the program has closed the terminal."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:  # nobody has it open any more
            return False
        self.raw += data
        self.stream.feed(data)
        if self.raw.endswith(b"\033[J"):  # else a write has come in part: the line discipline passes it on line by line
            self.frames.append([line.rstrip() for line in self.screen.display])
        return bool(data)

    def read_until(self, condition, seconds=30):
        until = time.monotonic() + seconds * support.PATIENCE
        while time.monotonic() < until:
            if condition(self):
                return
            assert self.read(), f"ended before the condition held\n{self.text()}"
        raise AssertionError(f"waited {seconds} s\n{self.text()}")

    def kill(self, number=signal.SIGINT):
        os.kill(self.pid, number)

    def finish(self, seconds=60):
        """The exit status."""
        until = time.monotonic() + seconds * support.PATIENCE
        while self.read():
            assert time.monotonic() < until, f"still running\n{self.text()}"
        _, status = os.waitpid(self.pid, 0)
        os.close(self.master)
        return os.waitstatus_to_exitcode(status)

    def lines(self):
        """All lines that are left in the end, those scrolled away too."""
        columns = self.screen.columns
        gone = ["".join(line[x].data for x in range(columns)).rstrip() for line in self.screen.history.top]
        return gone + [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines()).rstrip() + "\n"

    def pictures(self):
        """The lines about running exports, of every frame that has some."""
        found = []
        for frame in self.frames:
            lines = [line for line in frame if isinstance(line, str) and LIVE.match(line)]
            if lines:
                found.append(lines)
        return found


# A name, maybe cut, maybe a bar, and then the numbers.
LIVE = re.compile(r"^(?P<name>[\w.-]+…?) +(?:\[(?P<bar>[=> ]+)\] +)?(?:(?P<percent>\d+)% +)?(?P<rows>[\d.]+[KMG]?) rows\b(?P<rest>.*)$")
TOTALS = re.compile(r"^(?:\d+ more running, )?(\d+) of (\d+) exports done(?:, (\d+) failed)?, \d+:\d\d$")
