// SPDX-License-Identifier: GPL-2.0-or-later
/* Specifications of disks and network devices: what each form means, what is refused and where, the names of disks. */
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "device.h"

/* ---- disks ---- */

/* All of it in a line, so that a table can have it. */
static void describe(const struct config_disk *disk, char out[300])
{
	static const char *const backends[] = { "", " phy", " tap", " qdisk", " standalone" };

	snprintf(out, 300, "%s %s %s%s%s%s%s%s%s%s%s%s%s%s", disk->target ? disk->target : "-",
		 config_disk_format_name(disk->format), disk->vdev, disk->writable ? " w" : " r", disk->shared ? "!" : "",
		 disk->cdrom ? " cdrom" : "", backends[disk->backend_type], disk->backend ? " from " : "",
		 disk->backend ? disk->backend : "", disk->script ? " by " : "", disk->script ? disk->script : "",
		 disk->direct_io_safe ? " safe" : "", !disk->discard_set ? "" : disk->discard ? " discard" : " no-discard",
		 !disk->trusted_set ? "" : disk->trusted ? " trusted" : " untrusted");
}

static const struct {
	const char *text, *meaning;
} good_disks[] = {
	{ "/dev/vg/a,,hda", "/dev/vg/a raw hda w" },
	{ "/dev/vg/a,raw,hda,rw", "/dev/vg/a raw hda w" },
	{ "format=raw, vdev=hda, access=rw, target=/dev/vg/a", "/dev/vg/a raw hda w" },
	{ "raw:/dev/vg/a,hda,w", "/dev/vg/a raw hda w" },
	{ "phy:/dev/vg/a,xvda,w", "/dev/vg/a raw xvda w" },
	{ "file:/x.img,xvdb1,r", "/x.img raw xvdb1 r" },
	{ "tap:qcow2:/x.img,xvda,w", "/x.img qcow2 xvda w" },
	{ "tap2:aio:/x.img,xvda", "/x.img raw xvda w" },
	{ "/x.qcow2,qcow2,xvda", "/x.qcow2 qcow2 xvda w" },
	{ "/x.iso,,hdc,cdrom", "/x.iso raw hdc r cdrom" },
	{ "/x.iso,,hdc,,cdrom", "/x.iso raw hdc w cdrom" },
	{ "/x.iso,raw,hdc,devtype=cdrom", "/x.iso raw hdc r cdrom" },
	{ "raw:/x.iso,hdc:cdrom,r", "/x.iso raw hdc r cdrom" },
	{ "vdev=hdc,access=r,devtype=cdrom,target=/x.iso", "/x.iso raw hdc r cdrom" },
	{ "vdev=hdc,access=r,devtype=cdrom,format=empty", "- empty hdc r cdrom" },
	{ ",hdc:cdrom,r", "- empty hdc r cdrom" },
	{ ",empty,hdc,r,cdrom", "- empty hdc r cdrom" },
	{ "/dev/a,,xvda,w!", "/dev/a raw xvda w!" },
	{ "/dev/a,,xvda,!", "/dev/a raw xvda w!" },
	{ "/dev/a,,xvda,ro", "/dev/a raw xvda r" },
	{ "  /dev/a, raw,\txvda", "/dev/a raw xvda w" },
	{ "vdev=xvda,target=/with,comma=and, blank ", "/with,comma=and, blank  raw xvda w" },
	{ "vdev=xvda,backendtype=qdisk,/a", "/a raw xvda w qdisk" },
	{ "/a,vdev=xvda,raw,r", "/a raw xvda r" },
	{ "/a,raw,xvda,backend=storage,backendtype=phy", "/a raw xvda w phy from storage" },
	{ "/a,,xvda,script=block-x,direct-io-safe,no-discard", "/a raw xvda w by block-x safe no-discard" },
	{ "/a,,xvda,discard,untrusted", "/a raw xvda w discard untrusted" },
	{ "/a,,xvda,specification=xen,trusted,", "/a raw xvda w trusted" },
	{ "iscsi:iqn.2001-05.com:target,xvda,w", "iqn.2001-05.com:target raw xvda w by block-iscsi" },
	{ "drbd:web,xvda", "web raw xvda w by block-drbd" },
	{ "host:volume,,xvda,script=block-mine", "host:volume raw xvda w by block-mine" },
	{ "/a,,51712", "/a raw 51712 w" }, { "/a,,0xca10", "/a raw 0xca10 w" },
};

static const struct {
	const char *text, *words;
	size_t offset;
} bad_disks[] = {
	{ "", "no vdev", 0 },
	{ "/a", "no vdev", 2 },
	{ "/a,raw,", "no vdev", 7 },
	{ "/a,raw,vdev=", "no vdev", 12 },
	{ "vdev=xvda", "no target", 9 },
	{ ",,xvda", "no target", 6 },
	{ "/a,,nonsense", "vdev is a name as", 0 },
	{ "/a,vmdk,xvda", "format is one of raw, qcow, qcow2, qed, vhd, empty, not 'vmdk'", 3 },
	{ "/a,,xvda,x", "access is one of", 9 },
	{ "/a,,xvda,r,w", "too many values", 11 },
	{ "/a,,xvda,r,access=w", "access comes twice", 18 },
	{ "/a,,xvda,vdev=xvdb", "vdev comes twice", 14 },
	{ "/a,raw,xvda,format=qcow2", "the format is raw already", 19 },
	{ "/a,,xvda,target=/b", "target comes twice", 16 },
	{ "/a,,xvda,colour=red", "no key colour", 9 },
	{ "/a,,xvda,backendtype=file", "backendtype is one of phy", 21 },
	{ "/a,,xvda,devtype=tape", "devtype is one of disk, cdrom", 17 },
	{ "/a,,xvda,specification=virtio", "specification is one of xen", 23 },
	{ "/a,,xvda,grant_usage=2", "grant_usage is one of 0, 1", 21 },
	{ "/a,,xvda:tape", "devtype is one of", 9 },
	{ "magic:/a,xvda", "no kind of disk has the name magic", 0 },
	{ "iscsi:nbd:x,xvda", "a script is named twice", 6 },
	{ "/a,empty,hdc,cdrom", "an empty drive has no target", 0 },
	{ "/a,,xvda,backend=x,backend=y", "backend comes twice", 27 },
};

static void test_disks(void)
{
	struct config_fault fault;
	struct config_disk disk;
	char text[300];

	for (size_t i = 0; i < sizeof(good_disks) / sizeof(good_disks[0]); i++) {
		bool good = config_disk_parse(&disk, good_disks[i].text, &fault);

		if (good)
			describe(&disk, text);
		else
			snprintf(text, sizeof(text), "%s", fault.text);
		ok(good && !strcmp(text, good_disks[i].meaning), "disk '%s' (%s)", good_disks[i].text, text);
		if (good)
			config_disk_clear(&disk);
	}
	for (size_t i = 0; i < sizeof(bad_disks) / sizeof(bad_disks[0]); i++)
		ok(!config_disk_parse(&disk, bad_disks[i].text, &fault) && strstr(fault.text, bad_disks[i].words) &&
		   fault.offset == bad_disks[i].offset && !disk.target && !disk.vdev, "no disk: '%s' (%zu: %s)",
		   bad_disks[i].text, fault.offset, fault.text);
}

static void test_names(void)
{
	static const struct {
		const char *name;
		uint32_t number;
		bool plain;		/* is what the number is called */
	} names[] = {
		{ "xvda", 0xca00, true }, { "xvda1", 0xca01, true }, { "xvdb", 0xca10, true }, { "xvdp15", 0xcaff, true },
		{ "xvda16", 1 << 28 | 16, true }, { "xvdq", 1 << 28 | 16 << 8, true }, { "xvdaa", 1 << 28 | 26 << 8, true },
		{ "xvdzz255", 1 << 28 | 701 << 8 | 255, true }, { "xvdaaa", 1 << 28 | 702 << 8, true },
		{ "sda", 0x800, false }, { "sdp15", 0x8ff, false }, { "hda", 0x300, false }, { "hdb1", 0x341, false },
		{ "hdc", 0x1600, false }, { "hdd63", 0x167f, false }, { "d0", 0, false }, { "d0p0", 0xca00, false },
		{ "d1p2", 0xca12, false }, { "d20p3", 1 << 28 | 20 << 8 | 3, false }, { "51712", 51712, false },
		{ "0xca00", 0xca00, false }, { "", 0, false }, { "xvd", 0, false }, { "xvda0", 0, false },
		{ "xvda01", 0, false }, { "xvda256", 0, false }, { "xvdA", 0, false }, { "xvda1x", 0, false },
		{ "xvdzzzzzzzzzzz", 0, false }, { "sdq", 0, false }, { "sda16", 0, false }, { "hde", 0, false },
		{ "hda64", 0, false }, { "vda", 0, false }, { "x", 0, false }, { "0", 0, false }, { "0xfffffffffffff", 0, false },
		{ "12x", 0, false }, { "d1048576p0", 0, false }, { "d1p256", 0, false },
	};
	char name[16];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ok(config_vdev_number(names[i].name) == names[i].number &&
		   (!names[i].plain || (config_vdev_name(names[i].number, name) && !strcmp(name, names[i].name))),
		   "vdev '%s' is %#x", names[i].name, config_vdev_number(names[i].name));
	ok(!config_vdev_name(0x800, name) && !config_vdev_name(0, name), "numbers that are none of xvd's");
	ok(config_vdev_name(0x1fffffff, name) && !strcmp(name, "xvdbgqcv255") &&
	   config_vdev_number(name) == 0x1fffffff, "the last of them (%s)", name);
}

/* ---- networks ---- */

static void test_vifs(void)
{
	static const struct {
		const char *text, *words;
		size_t offset;
	} bad[] = {
		{ "mac=00:16:3e:01:02", "mac is six pairs", 4 }, { "mac=01:16:3e:01:02:03", "mac is six pairs", 4 },
		{ "mac=00:00:00:00:00:00", "mac is six pairs", 4 }, { "mac=00:16:3e:01:02:03:", "mac is six pairs", 4 },
		{ "bridge=", "bridge is the name of a network device", 7 },
		{ "bridge=a-name-that-is-too-long", "bridge is the name", 7 }, { "vifname=a/b", "vifname is the name", 8 },
		{ "bridge=a,bridge=b", "bridge comes twice", 16 }, { "bridge", "a vif is KEY=VALUE", 0 },
		{ "mac=00:16:3e:01:02:03,colour=red", "no key colour", 22 }, { "type=ioemu", "a PV guest has none", 5 },
		{ "type=x", "type is vif", 5 }, { "rate=10", "rate is as", 5 }, { "rate=10Xb/s", "rate is as", 5 },
		{ "rate=0b/s", "rate is as", 5 }, { "rate=10Mb/s@", "rate is as", 5 }, { "rate=10Mb/s@1h", "rate is as", 5 },
		{ "rate=4000000000GB/s@4000s", "bytes in each interval", 5 }, { "rate=1b/s@1us", "bytes in each interval", 5 },
		{ "rate=99999999999999999999Mb/s", "rate is as", 5 },
		{ "ip=1.2.3", "ip is up to 16 addresses", 3 }, { "ip=10.0.0.1 x", "ip is up to", 12 }, { "ip=", "needs an address", 3 },
		{ "ip=10.0.0.1/33", "ip is up to", 3 }, { "ip=1:2/129", "ip is up to", 3 }, { "mtu=67", "from 68 to 65535", 4 },
		{ "mtu=65536", "from 68 to 65535", 4 }, { "mtu=1500x", "from 68", 4 }, { "devid=-1", "from 0 to 65535", 6 },
		{ "trusted=perhaps", "trusted is one of", 8 }, { "script=", "script needs a value", 7 },
	};
	struct config_fault fault;
	struct config_vif vif;

	ok(config_vif_parse(&vif, "", &fault) && !vif.mac_set && !vif.bridge && vif.devid == -1 && !vif.rate_bytes,
	   "an empty text is a vif");
	ok(config_vif_parse(&vif, " mac=00:16:3E:74:3d:76, model=rtl8139, bridge=xenbr0,type=vif", &fault) && vif.mac_set &&
	   !memcmp(vif.mac, "\0\x16\x3e\x74\x3d\x76", 6) && !strcmp(vif.bridge, "xenbr0"), "mac and bridge");
	config_vif_clear(&vif);
	ok(config_vif_parse(&vif, "script=vif-nat,ip=10.0.0.2/24 fd00::2,vifname=web0,gatewaydev=eth0,backend=net,mtu=9000,devid=3,"
				  "trusted=false", &fault) && !strcmp(vif.script, "vif-nat") && vif.address_count == 2 &&
	   !strcmp(vif.addresses[0], "10.0.0.2/24") && !strcmp(vif.addresses[1], "fd00::2") && !strcmp(vif.vifname, "web0") &&
	   !strcmp(vif.gatewaydev, "eth0") && !strcmp(vif.backend, "net") && vif.mtu == 9000 && vif.devid == 3 &&
	   vif.trusted_set && !vif.trusted, "all the others");
	config_vif_clear(&vif);
	ok(config_vif_parse(&vif, "rate=10Mb/s", &fault) && vif.rate_bytes == 62500 && vif.rate_interval_us == 50000,
	   "a rate in bits");
	ok(config_vif_parse(&vif, "rate=1MB/s@20ms", &fault) && vif.rate_bytes == 20000 && vif.rate_interval_us == 20000,
	   "one in bytes, with an interval");
	ok(config_vif_parse(&vif, "rate=250KB/s@1s", &fault) && vif.rate_bytes == 250000 && vif.rate_interval_us == 1000000,
	   "in thousands, by the second");
	ok(config_vif_parse(&vif, "rate=800b/s@10000us", &fault) && vif.rate_bytes == 1, "in bits alone");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!config_vif_parse(&vif, bad[i].text, &fault) && strstr(fault.text, bad[i].words) &&
		   fault.offset == bad[i].offset, "no vif: '%s' (%zu: %s)", bad[i].text, fault.offset, fault.text);
}

/* ---- framebuffers ---- */

static void test_vfbs(void)
{
	static const struct {
		const char *text, *words;
		size_t offset;
	} bad[] = {
		{ "vnc", "a vfb is KEY=VALUE", 0 }, { "vnc=2", "vnc is one of 0, 1, not '2'", 4 }, { "vnc=0", "nobody could see", 4 },
		{ "vnc=1,sdl=1", "sdl=1: there is no window", 10 }, { "sdl=x", "sdl is one of", 4 }, { "opengl=yes", "opengl is one of", 7 },
		{ "vncdisplay=", "vncdisplay is a number from 0 to 59635", 11 }, { "vncdisplay=59636", "not '59636'", 11 },
		{ "vncdisplay=-1", "vncdisplay is a number", 11 }, { "vncdisplay=99999999999999999999", "is a number", 11 },
		{ "vnclisten=", "vnclisten is ADDRESS", 10 }, { "vnclisten=a b", "vnclisten is ADDRESS", 10 },
		{ "vnclisten=unix:/x", "the display in vnclisten is a number", 15 }, { "vnclisten=-x", "vnclisten is ADDRESS", 10 },
		{ "vnclisten=::g", "vnclisten is ADDRESS", 10 }, { "vnclisten=[::1]x", "vnclisten is ADDRESS", 10 },
		{ "vnclisten=[::1", "vnclisten is ADDRESS", 10 },
		{ "vnclisten=127.0.0.1:", "the display in vnclisten is a number", 20 }, { "vnclisten=1:2,vncdisplay=3", "two displays are named, 2 and 3", 25 },
		{ "vnclisten=a,vnclisten=b", "vnclisten comes twice", 22 }, { "vncpasswd=a,vncpasswd=b", "vncpasswd comes twice", 22 },
		{ "keymap=../de", "keymap is a name", 7 }, { "vncunused=x", "vncunused is one of", 10 }, { "vnc=1,colour=red", "no key colour", 6 },
	};
	static const struct {
		const char *text, *listen;
		unsigned int display;
	} listens[] = {
		{ "vnclisten=0.0.0.0:3", "0.0.0.0", 3 }, { "vnclisten=[::1]:4", "::1", 4 }, { "vnclisten=[fe80::1]", "fe80::1", 0 },
		{ "vnclisten=::,vncdisplay=2", "::", 2 }, { "vnclisten=host.example", "host.example", 0 },
		{ "vncdisplay=3,vnclisten=10.0.0.1:3", "10.0.0.1", 3 },
	};
	struct config_fault fault;
	struct config_vfb vfb;

	ok(config_vfb_parse(&vfb, "", &fault) && !vfb.listen && !vfb.display && vfb.unused && !vfb.password && !vfb.keymap,
	   "an empty text is a vfb");
	ok(config_vfb_parse(&vfb, "vnc=1,vnclisten=127.0.0.1,vncdisplay=1,vncpasswd=a=b c,vncunused=0,keymap=en-us,sdl=0,opengl=1,display=:0,"
				  "xauthority=/x", &fault) && !strcmp(vfb.listen, "127.0.0.1") && vfb.display == 1 &&
	   !strcmp(vfb.password, "a=b c") && !vfb.unused && !strcmp(vfb.keymap, "en-us"), "all keys of a vfb");
	config_vfb_clear(&vfb);
	for (size_t i = 0; i < sizeof(listens) / sizeof(listens[0]); i++) {
		bool good = config_vfb_parse(&vfb, listens[i].text, &fault);

		ok(good && !strcmp(vfb.listen, listens[i].listen) && vfb.display == listens[i].display, "vfb '%s'", listens[i].text);
		if (good)
			config_vfb_clear(&vfb);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!config_vfb_parse(&vfb, bad[i].text, &fault) && strstr(fault.text, bad[i].words) &&
		   fault.offset == bad[i].offset && !vfb.listen && !vfb.password, "no vfb: '%s' (%zu: %s)", bad[i].text, fault.offset,
		   fault.text);
}

/* ---- processors ---- */

static void test_cpus(void)
{
	static const struct {
		const char *text;
		unsigned int bits;
	} good[] = {
		{ "all", 0x3ff }, { "3", 8 }, { "0-2", 7 }, { "0-9,^3", 0x3f7 }, { "all,^0-1", 0x3fc }, { " 1 , 3 ", 10 }, { "9", 0x200 },
		{ "1,^1,2", 4 }, { "nodes:0", 0x0f }, { "nodes:0-1,^node:1", 0x0f }, { "node:2,^8", 0x200 }, { "all,^nodes:0-1", 0x300 },
		{ "nodes:all,^3", 0x3f7 },
	};
	static const struct {
		const char *text, *words;
		size_t offset;
	} bad[] = {
		{ "", "a set of processors is as", 0 }, { "x", "a set of processors", 0 }, { "10", "from 0 to 9", 0 },
		{ "1,99999999999", "from 0 to 9", 2 }, { "3-1", "wrong way round", 0 }, { "1-", "a set of processors", 2 },
		{ "^3", "no processor is left", 0 }, { "1 2", "have commas", 2 }, { "1,", "a set of", 2 },
		{ "nodes:3", "no processor is of that", 0 },
		{ "allx", "have commas", 3 }, { "nodes:", "a set of", 6 }, { "1,nodes:1-0", "wrong way round", 2 },
		{ "node:255", "nodes are from 0 to 254", 5 },
		{ "nodes0", "a set of", 0 },
	};
	static const uint8_t nodes[10] = { 0, 0, 0, 0, 1, 1, 1, 1, 2, 2 };
	struct config_fault fault;
	uint8_t bits[2];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(config_cpus_parse(good[i].text, 10, nodes, bits, &fault) && (bits[0] | bits[1] << 8) == good[i].bits,
		   "processors '%s' (%#x)", good[i].text, bits[0] | bits[1] << 8);
	ok(config_cpus_parse("nodes:7", 10, NULL, bits, &fault) && (bits[0] | bits[1] << 8) == 0x3ff,
	   "processors of a node, where none is known");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!config_cpus_parse(bad[i].text, 10, nodes, bits, &fault) && strstr(fault.text, bad[i].words) &&
		   fault.offset == bad[i].offset, "no processors: '%s' (%zu: %s)", bad[i].text, fault.offset, fault.text);
}

int main(void)
{
	test_cpus();
	test_disks();
	test_names();
	test_vfbs();
	test_vifs();
	return tap_end();
}
