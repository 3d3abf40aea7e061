"""The runner checked itself: what it takes for a failure. Closes with "N passed, N failed"."""

import sys
import traceback

from suite import read_requirements
from verdict import Expected, Scenario, totals

LIST = ["# a comment\n", "\n", "tasks *  not served yet\n", "headers case  known\n"]


def check(status, name="case"):
    return {"id": name, "status": status, "errorMessage": "said so"}


def scenario(*checks, name="tasks", state="unscored", expected=None):
    return Scenario(name, list(checks), state, expected or Expected(LIST))


def a_check_that_fails_fails_its_scenario():
    failed = scenario(check("SUCCESS"), check("FAILURE"), name="other")
    assert not failed.ok and "not ok" in failed.row() and any("said so" in line for line in failed.remarks())


def a_warning_is_told_and_fails_nothing():
    warned = scenario(check("SUCCESS"), check("WARNING"))
    assert warned.ok and any("WARNING case: said so" in line for line in warned.remarks())


def an_expected_failure_is_none():
    assert scenario(check("FAILURE")).ok
    assert scenario(check("FAILURE"), name="headers").ok
    assert not scenario(check("FAILURE", "another"), name="headers").ok


def what_is_scored_has_no_excuse():
    assert not scenario(check("FAILURE"), state="scored").ok


def a_scenario_without_a_record_has_failed():
    assert not scenario().ok and "no record" in scenario().row()


def an_expectation_that_nothing_needed_is_stale():
    expected = Expected(LIST)
    scenario(check("FAILURE"), expected=expected)
    scenario(check("SUCCESS"), name="headers", expected=expected)
    assert expected.stale({"tasks", "headers"}) == ["headers case"]
    assert expected.stale({"tasks"}) == []  # the other one was not run


def the_totals_count_scenarios_and_checks():
    group = [scenario(check("SUCCESS"), check("SUCCESS"), name="a", state="scored"),
             scenario(check("SUCCESS"), check("WARNING"), name="b", state="scored"),
             scenario(check("SUCCESS"), check("FAILURE"))]
    assert totals("2026", group) == "2026 scored 2/2 unscored 0/1 checks 4/1 warnings 1"
    assert totals("all", [scenario(check("SUCCESS"), state="")]) == "all scenarios 1/1 checks 1/0 warnings 0"


def the_list_of_requirements_is_read_for_servers_only():
    text = ("Required for R (3 scenarios):\n\nServer scenarios (test against a server):\n  - one\n  - two\n\n"
            "Client scenarios (test against a client):\n  - three\n\nRun and reported, but never scored:\n"
            "  extension (2):\n    - auth/x [client]\n    - tasks [server]\n  pending (1):\n    - headers [server]\n")
    assert read_requirements(text) == (["one", "two"], ["tasks", "headers"])


def main():
    cases = [a_check_that_fails_fails_its_scenario, a_warning_is_told_and_fails_nothing, an_expected_failure_is_none,
             what_is_scored_has_no_excuse, a_scenario_without_a_record_has_failed,
             an_expectation_that_nothing_needed_is_stale, the_totals_count_scenarios_and_checks,
             the_list_of_requirements_is_read_for_servers_only]
    failed = 0
    for case in cases:
        try:
            case()
        except Exception:
            failed += 1
            traceback.print_exc(file=sys.stdout)
            print(f"not ok {case.__name__.replace('_', ' ')}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
