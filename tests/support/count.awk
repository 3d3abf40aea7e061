# Reads ctest's LastTest.log and prints "<passed> <failed>".
# With unit=cases, a program that counts for itself (doctest's summary, or a closing "N passed, N failed") is
# worth its cases; with unit=programs, and for any other test, each is worth one. A test that ctest failed
# although its own count is clean (a crash after it, a leak report, a time-out) is one failure more.
function settle() {
  if (!name) return
  if (skipped) print "skipped: " name > "/dev/stderr"
  else if (unit == "cases" && counted) {
    passed += own_passed
    failed += (ok || own_failed) ? own_failed : 1
  } else if (ok) passed++
  else failed++
  name = ""
}
/^[0-9]+\/[0-9]+ Testing: / {
  settle()
  name = $3
  ok = skipped = counted = own_passed = own_failed = 0
}
/^\[doctest\] test cases: / {
  line = $0
  gsub(/\033\[[0-9;]*m/, "", line)
  split(line, part, "|")
  counted = 1
  own_passed = part[2] + 0
  own_failed = part[3] + 0
}
/^[0-9]+ passed, [0-9]+ failed$/ {
  counted = 1
  own_passed = $1
  own_failed = $3
}
/^Test Passed\.$/ { ok = 1 }
/^Test (Skipped|Not Run|Disabled)/ || /SKIPPED/ { skipped = 1 }
END {
  settle()
  print passed + 0, failed + 0
}
