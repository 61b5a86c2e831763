# The first section of CHANGELOG.md as an entry of debian/changelog: awk -v version=0.1.0 -v maintainer='NAME <MAIL>' -v date='Thu, 26 Nov 2026 ...'
function flush(  words, count, i, line) {
  if (item == "") return
  count = split(item, words, " ")
  line = "  *"
  for (i = 1; i <= count; i++) {
    if (length(line) + 1 + length(words[i]) > 78 && line !~ /^ +\*?$/) {
      print line
      line = "   "
    }
    line = line " " words[i]
  }
  print line
  item = ""
}
BEGIN { printf "builder (%s) unstable; urgency=medium\n\n", version }
/^## / { if (sections++) exit; next }
!sections { next }
/^- / { flush(); item = substr($0, 3); items++; next }
/^  / && item != "" { item = item " " $0; next }
{ flush() }
END {
  flush()
  if (!items) print "  * See CHANGELOG.md."
  printf "\n -- %s  %s\n", maintainer, date
}
