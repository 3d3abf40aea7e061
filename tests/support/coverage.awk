# Reads gcovr's CSV and prints the lines that ran, by module and in all. Exits with 1 when less than `least` percent did.
function share(covered, total) { return total ? 100 * covered / total : 100 }
function row(name, covered, total) {
  return sprintf("%-20s %6d of %6d  %5.1f %%", name, covered, total, share(covered, total))
}
BEGIN { FS = "," }
FNR == 1 {
  for (i = 1; i <= NF; i++) column[$i] = i
  next
}
{
  file = $(column["filename"])
  module = file
  if (sub(".*libmcpgate/src/", "", module)) sub("/[^/]*$", "", module)
  else module = "public headers"
  total[module] += $(column["line_total"])
  covered[module] += $(column["line_covered"])
  all_total += $(column["line_total"])
  all_covered += $(column["line_covered"])
}
END {
  for (module in total) print row(module, covered[module], total[module]) | "sort"
  close("sort")
  print row("libmcpgate", all_covered, all_total)
  if (!all_total || share(all_covered, all_total) < least) exit 1
}
