# SPDX-License-Identifier: GPL-2.0-or-later
# For the jobs: guests, what they say, and how the machine is to be afterwards.
. /tests/common.sh

CONSOLES=/var/log/xen/console

# Tenon's store and console daemons, on the paths of Xen's.
start_tenon() {
	export PATH=/tests/tools:$PATH LD_LIBRARY_PATH=/tests/tools
	mkdir -p /run/xenstored /run/xen $CONSOLES
	tenon-stored --daemon --pidfile /run/tenon-stored.pid || return 1
	xenstore-write /local/domain/0/name Domain-0 /local/domain/0/domid 0 /local/pool/0/name Pool-0 || return 1
	tenon-consoled --daemon --log-dir $CONSOLES --pidfile /run/tenon-consoled.pid || return 1
	[ "$(argument stack)" != tenon ] || mkdir -p /usr/local/libexec/tenon
	[ "$(argument stack)" != tenon ] || cp /tests/tools/tenon-net /usr/local/libexec/tenon/
}

start_xen() {
	mount -t xenfs xenfs /proc/xen 2>/dev/null
	if [ "$(argument stack)" != xen ]; then
		start_tenon || return 1
		free_before=$(free_memory)
		return 0
	fi
	mkdir -p $CONSOLES
	echo XENCONSOLED_ARGS=--log=guest >/etc/default/xen
	daemon=$(argument xenstored)
	[ -z "$daemon" ] || ls /usr/lib/xen-*/bin/"$daemon" | sed 's/^/XENSTORED=/' >>/etc/default/xen
	/etc/init.d/xen start
	pgrep "${daemon:-oxenstored}" >/dev/null && pgrep xenconsoled >/dev/null || return 1
	free_before=$(free_memory)
}

show_state() {
	xl list
	head -n 50 /run/tenon/guests/*/record 2>/dev/null
	tail -n 30 /var/log/xen/xl-*.log /var/log/xen/xen-hotplug.log /var/log/xen/qemu-dm-*.log /run/tenon/guests/*/vfb-log 2>/dev/null
	tail -n 20 $CONSOLES/guest-*.log 2>/dev/null
	xl dmesg | tail -n 30
}

# config NAME [LINE...]: the configuration file of a guest with our initramfs; lines add to or replace what is here.
config() {
	local name=$1 memory kernel
	memory=$(argument guestmem) kernel=$(argument guestkernel)
	shift
	{
		cat <<-END
			name = "$name"
			type = "pv"
			kernel = "/tests/${kernel:-vmlinux}"
			ramdisk = "/tests/guest.img"
			memory = ${MEMORY-${memory:-128}}
			vcpus = ${VCPUS-1}
			extra = "console=hvc0 loglevel=${LOGLEVEL-4} panic=-1 ${DO-}"
			on_crash = "${ON_CRASH-destroy}"
		END
		printf '%s\n' "$@"
	} >"/tmp/$name.cfg"
}

# make NAME [OPTION...]: the same as create, by Tenon's own tools.
make() {
	local name=$1
	shift
	rm -f $CONSOLES/guest-$name.log
	tenon create "$@" "/tmp/$name.cfg" || fail "$name cannot be made"
}

# create NAME [OPTION...]: starts the guest of that configuration; its console begins anew.
create() {
	local name=$1
	shift
	rm -f $CONSOLES/guest-$name.log
	xl create -q "$@" "/tmp/$name.cfg" || fail "$name cannot be created"
}

exists() {
	if [ "$(argument stack)" = tenon ]; then
		tenon list "$1" >/dev/null 2>&1
	else
		xl domid "$1" >/dev/null 2>&1
	fi
}

said() { grep -aq "$2" $CONSOLES/guest-$1.log 2>/dev/null; }

# guest_says NAME PATTERN [SECONDS]
guest_says() {
	local end=$((SECONDS + ${3-120}))
	until said "$1" "$2"; do
		if [ $SECONDS -ge $end ] || ! exists "$1"; then
			said "$1" "$2" && return
			tail -n 40 $CONSOLES/guest-$1.log
			fail "guest $1 did not say '$2'"
		fi
		sleep 0.3
	done
}

# sent SERVER RECEIVER: what the receiving guest got is what the serving one has, and that is something.
sent() {
	local sum
	sum=$(sed -n 's/.*guest-serves: \([0-9a-f]*\).*/\1/p' $CONSOLES/guest-$1.log)
	[ ${#sum} = 64 ] && [ "$sum" != "$(sha256sum </dev/null | cut -d' ' -f1)" ] && ! said "$1" 'data are not whole' || fail "$1 serves nothing"
	said "$2" "guest-net: $sum" || fail "$2 got something else: $(grep -a guest-net $CONSOLES/guest-$2.log)"
}

# gone NAME [SECONDS]: it is not in the list any more.
gone() {
	local end=$((SECONDS + ${2-60}))
	while exists "$1"; do
		[ $SECONDS -lt $end ] || fail "guest $1 does not go away"
		sleep 0.3
	done
}

# The state letters of a guest, as xl list shows them.
state() { xl list "$1" | awk 'NR == 2 { print $5 }'; }

# state_is NAME PATTERN
state_is() {
	await_state() { [[ $(state "$1") == $2 ]]; }
	await await_state "$1" "$2" || fail "guest $1 is $(state "$1"), not $2"
}

free_memory() { xl info free_memory; }

# Memory is back to what it was before the first guest.
memory_is_back() {
	is_back() { [ "$(free_memory)" = "$free_before" ]; }
	await is_back || fail "free memory is $(free_memory) MiB, was $free_before"
	[ "$(xl list | wc -l)" = 2 ] || fail "there are domains left"
}

# refused PATTERN COMMAND...: the command fails and says that.
refused() {
	local pattern=$1 out
	shift
	out=$("$@" 2>&1) && fail "'$*' is not refused"
	[[ $out =~ $pattern ]] || fail "'$*' says: $out"
}
