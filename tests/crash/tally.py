"""Case lines, and the closing count that ./dev test reads."""

import os


class Tally:
    def __init__(self):
        self._passed = self._failed = 0

    def case(self, problems, text):
        """One line; `problems` says what is wrong, a few of them in words."""
        self._passed += not problems
        self._failed += bool(problems)
        print(("not ok " if problems else "ok ") + text, flush=True)
        for problem in problems[:8]:
            print("    " + problem, flush=True)
        if len(problems) > 8:
            print(f"    and {len(problems) - 8} more", flush=True)

    def show_tail(self, path):
        """When something failed, what the programs said last."""
        if self._failed and os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                print("    " + "    ".join(file.readlines()[-20:]), flush=True)

    def close(self):
        print(f"{self._passed} passed, {self._failed} failed", flush=True)
        return 1 if self._failed or not self._passed else 0
