# SPDX-License-Identifier: GPL-2.0-or-later
# Lines of code of C and assembly, without blank ones and comments, and all lines; by folder and in total. Fails above the
# budget (-v budget=N), which is for the hypervisor that runs its first domain: without the control interface of toolstacks (folders
# named ctl), and without what hides it from guests on processors that would show it (speculation).

function part(file) {
	sub(/^hypervisor\//, "", file)
	sub(/^arch\//, "", file)
	return match(file, /^[^\/]*\/[^\/]*\//) ? substr(file, 1, RLENGTH) : match(file, /^[^\/]*\//) ? substr(file, 1, RLENGTH) : "./"
}

FNR == 1 { comment = 0 }
{
	line = $0
	code = ""
	while (line != "") {
		if (comment) {
			if (!(at = index(line, "*/")))
				break
			line = substr(line, at + 2)
			comment = 0
		} else if ((at = index(line, "/*"))) {
			code = code substr(line, 1, at - 1)
			line = substr(line, at + 2)
			comment = 1
		} else {
			code = code line
			break
		}
	}
	all[part(FILENAME)]++
	total++
	if (code ~ /[^ \t]/) {
		lines[part(FILENAME)]++
		if (FILENAME ~ /\/ctl\//)
			control++
		else if (FILENAME ~ /\/speculation\//)
			speculation++
		else
			sum++
	}
}
END {
	for (p in all)
		printf "%6d %6d  %s\n", lines[p], all[p], p | "sort -k3"
	close("sort -k3")
	printf "%6d lines of code, of at most %d; %d more of the control interface, %d against speculation; %d lines in all, with comments and blank ones\n",
	       sum, budget, control, speculation, total
	exit sum > budget
}
