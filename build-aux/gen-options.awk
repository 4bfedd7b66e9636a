# SPDX-License-Identifier: GPL-2.0-or-later
# Reads the hypervisor's sources, writes the table of boot options that stands in doc/command-line.md:
#   find hypervisor -name '*.c' | sort | xargs awk -f build-aux/gen-options.awk
# With -v doc=doc/command-line.md: the whole document, its table made anew.
# With -v list=1: lines "name kind" instead, for the programs that check options.

# Takes the string literals of s together; name is the first, the rest is the help.
function literals(s,    text, first) {
	name = help = ""
	first = 1
	while (match(s, /"([^"\\]|\\.)*"/)) {
		text = substr(s, RSTART + 1, RLENGTH - 2)
		gsub(/\\"/, "\"", text)
		if (first)
			name = text
		else
			help = help text
		first = 0
		s = substr(s, RSTART + RLENGTH)
	}
}

/^BOOT_OPTION_[A-Z]+\("/ { collecting = 1; line = "" }
collecting {
	line = line $0
	if ($0 !~ /\);/)
		next
	collecting = 0
	literals(line)
	gsub(/\|/, "\\|", help)
	gsub(/</, "\\&lt;", help)
	if (line ~ /^BOOT_OPTION_BOOL/)
		form = "`" name "`, `no-" name "`"
	else if (line ~ /^BOOT_OPTION_UINT/)
		form = "`" name "=<number>`"
	else if (line ~ /^BOOT_OPTION_SIZE/)
		form = "`" name "=<size>`"
	else if (line ~ /^BOOT_OPTION_STR/)
		form = "`" name "=<text>`"
	else
		form = "`" name "=…`"
	# Sorted by insertion: awk has no sort of its own.
	for (i = n++; i > 0 && names[i - 1] > name; i--) {
		names[i] = names[i - 1]
		rows[i] = rows[i - 1]
		kinds[i] = kinds[i - 1]
	}
	names[i] = name
	kinds[i] = line
	sub(/^BOOT_OPTION_/, "", kinds[i])
	sub(/\(.*/, "", kinds[i])
	rows[i] = "| " form " | " help " |"
}

function table(    i) {
	print "| option | meaning |"
	print "|---|---|"
	for (i = 0; i < n; i++)
		print rows[i]
}

END {
	if (list) {
		for (i = 0; i < n; i++)
			print names[i], kinds[i]
		exit
	}
	if (!doc) {
		table()
		exit
	}
	while ((getline text < doc) > 0) {
		if (text ~ /^<!-- options end -->/)
			skip = 0
		if (!skip)
			print text
		if (text ~ /^<!-- options -->/) {
			table()
			skip = 1
		}
	}
}
