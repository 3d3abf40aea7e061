# Reads a JUnit report of ctest and prints "<passed> <failed>"; skipped tests are named on standard error.
# With unit=cases, a program that counts for itself (doctest's summary, or a closing "N passed, N failed") is
# worth its cases; with unit=programs, and for any other test, each is worth one. A test that ctest failed
# although its own count is clean (a crash after it, a leak report, a time-out) is one failure more, and so is
# one that could not be run.
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
/^\t<testcase / {
  settle()
  split($0, part, "\"")
  name = part[2]
  ok = /status="run"/
  skipped = counted = own_passed = own_failed = 0
}
/^\t\t<skipped message="SKIP_/ { skipped = 1 }
/\[doctest\] test cases: / {
  line = $0
  gsub(/\033\[[0-9;]*m/, "", line)
  split(line, part, "|")
  counted = 1
  own_passed = part[2] + 0
  own_failed = part[3] + 0
}
/[0-9]+ passed, [0-9]+ failed$/ {
  line = $0
  sub(/.*>/, "", line)
  split(line, part, " ")
  counted = 1
  own_passed = part[1] + 0
  own_failed = part[3] + 0
}
END {
  settle()
  print passed + 0, failed + 0
}
