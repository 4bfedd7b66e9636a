# SPDX-License-Identifier: GPL-2.0-or-later
# Reads `nm -n` of the linked hypervisor, writes the table of its functions that stack traces use:
# offsets from image_start, and their names. See hypervisor/arch/x86/stacktrace.c.

function hex(s,    i, v) {
	v = 0
	for (i = 1; i <= length(s); i++)
		v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return v
}

BEGIN { n = 0 }

# All addresses share their upper half; the lower fits a number.
$3 == "image_start" { base = hex(substr($1, 9)) }
$2 ~ /^[tT]$/ && $3 !~ /^\.L|^(image|text|init)_/ {
	address[n] = hex(substr($1, 9))
	name[n++] = $3
}

END {
	print "\t.section .rodata.symbols, \"a\""
	print "\t.balign 4"
	print "\t.globl tenon_sym_count, tenon_sym_offsets, tenon_sym_name, tenon_sym_names"
	print "\t.hidden tenon_sym_count, tenon_sym_offsets, tenon_sym_name, tenon_sym_names"
	printf "tenon_sym_count:\n\t.long %d\n", n
	print "tenon_sym_offsets:"
	for (i = 0; i < n; i++)
		printf "\t.long %d\n", address[i] - base
	print "tenon_sym_name:"
	at = 0
	for (i = 0; i < n; i++) {
		printf "\t.long %d\n", at
		at += length(name[i]) + 1
	}
	print "tenon_sym_names:"
	for (i = 0; i < n; i++)
		printf "\t.asciz \"%s\"\n", name[i]
	print "\t.section .note.GNU-stack, \"\", @progbits"
}
