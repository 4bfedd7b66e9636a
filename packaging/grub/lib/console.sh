# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# Serial consoles: what the plain kernel and GRUB were told is told to the hypervisor, which then owns the port, and dom0's
# kernel writes to the hypervisor's console instead.

# Sets hv_console (options of the hypervisor) and owned_ports (numbers, as in ttyS<n>, that dom0's kernel must not drive).
carry_console() { # kernel's options, hypervisor's options
	hv_console='' owned_ports=''
	[ "$TENON_GRUB_CONSOLE" = auto ] || return 0
	if own=$(hypervisor_consoles "$2"); then
		owned_ports=$own
		return 0
	fi
	port=$(kernel_console "$1")
	[ -n "$port" ] || port=$(grub_console)
	[ -n "$port" ] || return 0
	unit=${port%% *}
	hv_console="console=com$((unit + 1)),vga com$((unit + 1))=${port#* }"
	owned_ports=$unit
}

# Fails when the administrator gives the hypervisor no console; else prints the ports among those given.
hypervisor_consoles() { # hypervisor's options
	printf '%s\n' "$1" | tr ' "' '\n' | awk -F = '$1 == "console" { found = 1; list = $2 }
		END { if (!found) exit 1; n = split(list, part, ","); for (i = 1; i <= n; i++) if (part[i] ~ /^com[12]$/) print substr(part[i], 4) - 1 }'
}

# Of the last console=ttyS<n>[,<speed>[<parity>[<bits>]]] or console=uart[8250],io,<port>[,...]: "<n> <speed>,<bits><parity>1".
kernel_console() { # kernel's options
	printf '%s\n' "$1" | tr ' "' '\n' | awk '
		function say(unit, mode) {
			speed = mode; sub(/[^0-9].*/, "", speed)
			rest = substr(mode, length(speed) + 1)
			parity = substr(rest, 1, 1); bits = substr(rest, 2, 1)
			if (parity !~ /^[noe]$/) parity = "n"
			if (bits !~ /^[5-8]$/) bits = "8"
			found = unit " " (speed == "" ? 9600 : speed) "," bits parity "1"
		}
		/^console=ttyS[01](,|$)/ { mode = $0; sub(/^console=ttyS[01],?/, "", mode); say(substr($0, 13, 1), mode) }
		/^console=uart(8250)?,io,0x[23][fF]8/ { mode = $0; unit = mode ~ /,0x3/ ? 0 : 1; sub(/^[^,]*,io,0x[23][fF]8,?/, "", mode); say(unit, mode) }
		END { if (found != "") print found }'
}

# The same from GRUB_SERIAL_COMMAND, if GRUB itself uses a serial terminal.
grub_console() {
	case " ${GRUB_TERMINAL-} ${GRUB_TERMINAL_INPUT-} ${GRUB_TERMINAL_OUTPUT-} " in
	*" serial "* | *" serial_com"[01]*) ;;
	*) return 0 ;;
	esac
	printf '%s\n' "${GRUB_SERIAL_COMMAND:-serial}" | tr ' =' '\n' | awk '
		want != "" { value[want] = $0; want = ""; next }
		/^--(unit|speed|word|parity|stop|port)$/ { want = substr($0, 3) }
		END {
			unit = value["unit"] == "" ? 0 : value["unit"]
			if (value["port"] ~ /^(0x)?3[fF]8$/) unit = 0
			else if (value["port"] ~ /^(0x)?2[fF]8$/) unit = 1
			else if (value["port"] != "") exit
			if (unit !~ /^[01]$/) exit
			parity = value["parity"] == "odd" ? "o" : value["parity"] == "even" ? "e" : "n"
			print unit " " (value["speed"] ~ /^[0-9]+$/ ? value["speed"] : 9600) "," (value["word"] ~ /^[5-8]$/ ? value["word"] : 8) \
				parity (value["stop"] == 2 ? 2 : 1)
		}'
}

# The options of dom0's kernel, with each port that the hypervisor owns replaced by the hypervisor's console. The text is
# otherwise left as it is, quotes and blanks too.
for_dom0() { # kernel's options
	text=$1
	for unit in $owned_ports; do
		port=$([ "$unit" = 0 ] && echo '0x3[fF]8' || echo '0x2[fF]8')
		text=$(printf '%s\n' " $text" | sed -e "s/ console=ttyS$unit,[^ ]*/ console=hvc0/g" \
			-e ':again' -e "s/ console=ttyS$unit\\( \\|\$\\)/ console=hvc0\\1/" -e 't again' \
			-e "s/ console=uart\\(8250\\)\\{0,1\\},io,${port}[^ ]*/ console=hvc0/g" \
			-e "s/ earlyprintk=\\(ttyS$unit\\|serial\\)[^ ]*/ earlyprintk=xen/g" -e "s/ earlycon=uart[^ ]*${port}[^ ]*//g")
		text=${text# }
	done
	printf '%s\n' "$text"
}
