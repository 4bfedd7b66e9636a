# SPDX-License-Identifier: GPL-2.0-or-later
# Writes doc/hypercalls.md anew, its table made from hypercalls.def; the last column is kept from the document:
#   awk -f build-aux/gen-hypercalls.awk doc/hypercalls.md hypervisor/hypercalls.def
# (the document is read first, for its text and descriptions, then the list).

function trim(s) {
	gsub(/^ +| +$/, "", s)
	return s
}

function yes(flags, flag) {
	return flags ~ flag ? "yes" : ""
}

FNR == NR {
	if ($0 ~ /^\| [0-9]+ \|/) {
		split($0, cell, "|")
		about[trim(cell[3])] = trim(cell[7])
		if (!row++)
			text[n++] = "\001"
		next
	}
	text[n++] = $0
	next
}

/^HYPERCALL\(/ {
	line = $0
	gsub(/HYPERCALL\(|\)/, "", line)
	split(line, part, /, */)
	name = "`" part[2] "`"
	table = table sprintf("| %d | %s | %d | %s | %s | %s |\n", part[1], name, part[3], yes(part[4], "HC_PRIV"),
			      yes(part[4], "HC_RESTART"), about[name])
}

END {
	for (i = 0; i < n; i++)
		if (text[i] == "\001")
			printf "%s", table
		else
			print text[i]
}
