"""What the checks of a set of scenarios come to."""

FAILED = "FAILURE"


class Expected:
    """The list of failures that are known. A line that nothing needed any more is stale."""

    def __init__(self, lines):
        self._reasons = {}
        for line in lines:
            if line.strip() and not line.startswith("#"):
                scenario, check, reason = line.split(None, 2)
                self._reasons[scenario, check] = reason.strip()
        self._needed = set()

    def covers(self, scenario, check):
        for entry in ((scenario, check), (scenario, "*")):
            if entry in self._reasons:
                self._needed.add(entry)
                return True
        return False

    def stale(self, scenarios):
        """Lines about one of `scenarios` that covered no failure."""
        return [" ".join(entry) for entry in self._reasons
                if entry[0] in scenarios and entry not in self._needed]


class Scenario:
    """One scenario's outcome. `state` is "scored", "unscored", or "" where nothing is scored."""

    def __init__(self, name, checks, state, expected):
        self.name = name
        self.state = state
        self.passed = sum(check["status"] == "SUCCESS" for check in checks)
        self.failures = [check for check in checks if check["status"] == FAILED]
        self.warnings = [check for check in checks if check["status"] == "WARNING"]
        self.skipped = bool(checks) and all(check["status"] == "SKIPPED" or check["id"] == "wire-schema-valid"
                                            for check in checks)
        self.empty = not checks
        # What is scored has no excuse.
        self.unexpected = [check for check in self.failures
                           if state == "scored" or not expected.covers(name, check["id"])]
        self.ok = not self.unexpected and not self.empty

    def row(self):
        note = "  no record" if self.empty else "  skipped" if self.skipped else ""
        if self.failures and not self.unexpected:
            note = "  expected"
        return (f"{'ok' if self.ok else 'not ok':6} {self.name:46} {self.state:8} {self.passed:4} passed "
                f"{len(self.failures):3} failed {len(self.warnings):3} warnings{note}")

    def remarks(self):
        """What is to be said about checks that neither passed nor were expected to fail."""
        for check in self.unexpected + self.warnings:
            said = " ".join(str(check.get("errorMessage", "")).split())
            yield f"         {check['status']} {check['id']}: {said[:600]}"


def totals(label, scenarios):
    """One line, as `2026-07-28 scored 37/37 unscored 13/13 checks 196/0 warnings 0`."""
    words = [label]
    for state in dict.fromkeys(scenario.state for scenario in scenarios):
        group = [scenario for scenario in scenarios if scenario.state == state]
        passed = sum(not scenario.failures and not scenario.empty for scenario in group)
        words.append(f"{state or 'scenarios'} {passed}/{len(group)}")
    words.append(f"checks {sum(s.passed for s in scenarios)}/{sum(len(s.failures) for s in scenarios)}")
    words.append(f"warnings {sum(len(s.warnings) for s in scenarios)}")
    return " ".join(words)
