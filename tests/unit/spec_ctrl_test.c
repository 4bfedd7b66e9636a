/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is cleared between domains, and what is hidden from them: by what the processor has, by option, and when. */
#include <string.h>
#include <asm/acpi.h>
#include <asm/cpu.h>
#include <asm/msr.h>
#include <tenon/cmdline.h>
#include <tenon/domain.h>
#include <tenon/percpu.h>
#include "../lib/host_log.h"
#include "../../hypervisor/arch/x86/ctl/ctl.h"
#include "../../hypervisor/arch/x86/speculation/patch.h"
#include "../../hypervisor/arch/x86/speculation/smt.h"
#include "../lib/tap.h"
#include "../../hypervisor/arch/x86/speculation/isolation.h"

struct cpu_features boot_cpu;
static struct percpu me;
struct percpu *host_this_cpu = &me;
unsigned int host_cpu;
static unsigned int barriers, flushes;
static bool isolates, clears, retpolines, pcids;
static unsigned int prepared;
uint64_t l1tf_memory;
unsigned long max_page = 0x80000;
static uint64_t arch_caps, spec_ctrl, efer;
struct acpi_info acpi_info;
static unsigned int thread_bits;

void wrmsr(uint32_t msr, uint64_t v)
{
	barriers += msr == MSR_PRED_CMD && v == 1;
	flushes += msr == MSR_FLUSH_CMD && v == 1;
	if (msr == MSR_SPEC_CTRL)
		spec_ctrl = v;
	if (msr == MSR_EFER)
		efer = v;
}

uint64_t rdmsr(uint32_t msr)
{
	return msr == MSR_EFER ? efer : 0;
}

int rdmsr_safe(uint32_t msr, uint64_t *v)
{
	*v = arch_caps;
	return msr == MSR_ARCH_CAPABILITIES ? 0 : -1;
}

void isolation_init(bool pcid)
{
	prepared++;
	pcids = pcid;
}

void speculation_patch(bool isolate, bool pcid, bool clear, bool retpoline)
{
	isolates = isolate;
	clears = clear;
	retpolines = retpoline;
}

unsigned int arch_cpu_thread_bits(void)
{
	return thread_bits;
}

static void have_no(unsigned int feature)
{
	boot_cpu.word[feature / 32] &= ~(1U << feature % 32);
}

static void have(unsigned int feature)
{
	boot_cpu.word[feature / 32] |= 1U << feature % 32;
}

/* With that command line: does it say so, and after a switch to a domain, are there as many more barriers and flushes? */
static bool with(const char *line, const char *says)
{
	cmdline_parse(line);
	host_log_clear();
	spec_ctrl_init();
	return strstr(host_log, says);
}

static bool hides(const char *line, bool memory, bool buffers)
{
	unsigned int were = prepared;

	return with(line, memory ? " is hidden while" : "memory is ") && isolates == memory && !l1tf_memory == !memory && clears == buffers &&
	       prepared == were + memory;
}

static bool vcpu_switched(struct vcpu *to, unsigned int more_barriers, unsigned int more_flushes)
{
	unsigned int had = barriers, had_flushes = flushes;

	spec_ctrl_switch(to);
	return barriers == had + more_barriers && flushes == had_flushes + more_flushes;
}

static bool switched(struct domain *to, unsigned int more_barriers, unsigned int more_flushes)
{
	static struct vcpu v;

	v.domain = to;
	return vcpu_switched(&v, more_barriers, more_flushes);
}

static void on(unsigned int cpu)
{
	static struct percpu cpus[2];

	host_cpu = cpu;
	host_this_cpu = &cpus[cpu];
	host_this_cpu->id = cpu;
}

/* The kernel of one domain, with its processes on two vCPUs and two processors. */
static void test_within(void)
{
	struct domain d = { .arch.life = 9 };
	struct vcpu v = { .domain = &d }, w = { .domain = &d, .vcpu_id = 1 };

	(void)with("spec-ctrl=ibpb,l1d-flush", "");
	on(0);
	ok(vcpu_switched(&v, 1, 1) && vcpu_switched(&v, 0, 0), "a vCPU that was the last here");
	ok(vcpu_switched(&w, 1, 0) && vcpu_switched(&v, 1, 0), "another one of the same domain: the barrier");
	on(1);
	ok(vcpu_switched(&v, 1, 1), "on another processor");
	on(0);
	ok(vcpu_switched(&v, 1, 0) && vcpu_switched(&v, 0, 0), "and back, where its kernel's barriers did not reach");
}

/* With the buffers' means there, before an option has said anything. */
static void test_hidden(void)
{
	ok(hides("", false, false) && strstr(host_log, "needs not be"), "nothing is hidden on others' processors");
	ok(retpolines, "but all are guarded from what was trained");
	boot_cpu.vendor = VENDOR_INTEL;
	ok(hides("", true, true) && !pcids, "all on Intel's of old");
	have(X86_FEATURE_PCID);
	ok(hides("", true, true) && pcids && strstr(host_log, "with PCIDs"), "with PCIDs where there are some");
	ok(hides("spec-ctrl=no-pcid", true, true) && !pcids, "unless they are not wanted");
	ok(hides("spec-ctrl=pcid", true, true) && pcids, "or are again");
	have(X86_FEATURE_ARCH_CAPS);
	ok(hides("", true, true), "and on one that has nothing good to say");
	arch_caps = 1;
	ok(hides("", false, true), "memory needs not be hidden on one that says so");
	arch_caps = 1 << 5;
	ok(hides("", true, false), "buffers not cleared on the way");
	arch_caps |= 1;
	ok(hides("", false, false), "nothing on one that suffers from neither");
	arch_caps = 0;
	boot_cpu.vendor = VENDOR_AMD;
}

static void test_hidden_by_option(void)
{
	ok(hides("spec-ctrl=isolation,l1tf", true, false), "what is asked for by name is hidden in any case");
	ok(l1tf_memory == 0x80000000, "all memory, from entries that are not present, too");
	ok(hides("spec-ctrl=no-isolation,no-l1tf", false, false), "taken back");
	boot_cpu.vendor = VENDOR_INTEL;
	ok(hides("spec-ctrl=no-isolation,no-l1tf,md-clear", false, true) && strstr(host_log, "not hidden"), "and told where it should be");
	ok(with("spec-ctrl=no-retpoline", "not guarded;") && !retpolines && with("spec-ctrl=retpoline", "are retpolines;") && retpolines,
	   "indirect jumps");
	ok(hides("spec-ctrl=isolation,no", false, false) && !retpolines, "no means all");
}

static bool apart(const char *line, uint64_t in_spec_ctrl, uint64_t in_efer)
{
	bool on = in_spec_ctrl || in_efer & EFER_AIBRSE;

	spec_ctrl = ~0UL;
	spec_ctrl_always = 0;
	efer = EFER_NXE;
	return !with(line, "guessed apart from") == !on && spec_ctrl == in_spec_ctrl && efer == in_efer;
}

/* What keeps ring 3's predictions from ring 0 by itself is set where the processor has it: by Intel's way, by AMD's. */
static void test_apart(void)
{
	ok(apart("spec-ctrl=ibrs", 0, EFER_NXE), "a processor that does not keep predictions apart");
	arch_caps = 1 << 1;
	ok(apart("spec-ctrl=ibrs", 1, EFER_NXE) && spec_ctrl_always == 1 && host_this_cpu->arch.spec_ctrl == 1, "Intel's that does");
	spec_ctrl = 0;
	spec_ctrl_init_cpu();
	ok(spec_ctrl == 1, "on each further one, too");
	ok(apart("spec-ctrl=no-ibrs", 0, EFER_NXE) && spec_ctrl_always == 0, "not if it shall not");
	arch_caps = 0;
	have(X86_FEATURE_AUTO_IBRS);
	ok(apart("spec-ctrl=ibrs", 0, EFER_NXE | EFER_AIBRSE), "AMD's");
	efer = 0;
	spec_ctrl_init_cpu();
	ok(efer == EFER_AIBRSE, "on each");
	ok(apart("spec-ctrl=no-ibrs", 0, EFER_NXE), "not if it shall not");
}

/* Buffers are cleared on the way to guests for each fault that VERW helps against, and for none that the processor does not have. */
static void test_successors(void)
{
	const unsigned int rtm = FEATURE(FW_7B0, 11), sq_no = FEATURE(FW_E21C, 1), l1_no = FEATURE(FW_E21C, 2);

	boot_cpu.vendor = VENDOR_INTEL;
	have(X86_FEATURE_ARCH_CAPS);
	arch_caps = 1 << 0 | 1 << 5;
	have(rtm);
	ok(hides("spec-ctrl=yes", false, true), "transactions show buffers on one without MDS");
	arch_caps |= 1 << 8;
	ok(hides("", false, false), "not where it says that they do not");
	have_no(rtm);
	have_no(X86_FEATURE_MD_CLEAR);
	arch_caps = 1 << 0 | 1 << 5 | 1 << 17;
	ok(hides("", false, true) && strstr(host_log, " md-clear "), "stale data of devices' memory, where VERW clears it");
	arch_caps |= 3 << 13;
	ok(hides("", false, true), "two kinds of three of it are none");
	arch_caps |= 7 << 13;
	ok(hides("", false, false), "all three are");
	arch_caps = 1 << 0 | 1 << 5 | 1 << 28;
	ok(hides("", false, true) && hides("spec-ctrl=no-md-clear", false, false) && hides("spec-ctrl=md-clear", false, true), "register files");
	arch_caps = 0;
	boot_cpu.vendor = VENDOR_AMD;
	boot_cpu.family = 0x19;
	ok(hides("", false, true), "AMD's third and fourth Zen");
	have(sq_no);
	ok(hides("", false, true), "with one kind alone, too");
	have(l1_no);
	ok(hides("", false, false), "with none");
	have_no(sq_no);
	have_no(l1_no);
	boot_cpu.family = 0x17;
	ok(hides("", false, false) && strstr(host_log, "ibpb l1d-flush"), "the second, where VERW clears nothing");
	have(X86_FEATURE_MD_CLEAR);
}

static void processors(const uint8_t *apic_ids, unsigned int n)
{
	acpi_info.nr_cpus = n;
	for (unsigned int i = 0; i < n; i++)
		acpi_info.cpu[i].apic_id = apic_ids[i];
}

static void test_threads(void)
{
	static const uint8_t ids[] = { 0, 1, 2, 3, 4, 6, 5 };

	processors(ids, 7);
	ok(with("", "between") && !strstr(host_log, "share a core"), "no bits for threads: nothing is said of them");
	thread_bits = 1;
	ok(with("", "share a core are used side by side"), "threads that do not see each other's");
	ok(!smt_excludes(2, 3) && smt_excludes(3, 3), "all are used, none twice");
	boot_cpu.vendor = VENDOR_INTEL;
	ok(with("", "<1>Speculation: threads that share a core can read"), "those that do: a warning");
	arch_caps = 1 << 0;
	ok(with("", "can read"), "by MDS alone");
	arch_caps |= 1 << 5;
	ok(with("", "side by side"), "by neither");
	arch_caps = 0;
	ok(with("smt=no", "one thread is used, 3 are left alone") && !strstr(host_log, "can read"), "one of each core");
	ok(smt_excludes(2, 3) && smt_excludes(5, 4) && !smt_excludes(1, 2) && !smt_excludes(4, 6), "which are told by their numbers");
	processors(ids, 2);
	ok(with("", "1 is left alone"), "one core");
	processors(ids + 4, 2);
	ok(with("", "between") && !strstr(host_log, "thread"), "two cores of which one thread each is there");
	boot_cpu.vendor = VENDOR_AMD;
}

/* So many words have been no use, those of earlier tests included. */
static unsigned int mistakes(const char *line)
{
	unsigned int n = 0;

	cmdline_parse(line);
	host_log_clear();
	cmdline_report();
	for (const char *at = host_log; (at = strstr(at, "this value cannot be used")); at++)
		n++;
	return n;
}

/* A line for Xen does no harm, and each of its words is answered. */
static void test_xens(void)
{
	unsigned int were;

	ok(hides("spec-ctrl=no,isolation=yes,l1tf=1,md-clear=0,retpoline=on", true, false) && retpolines, "values as Xen writes them");
	ok(hides("spec-ctrl=isolation=no,l1tf=off,retpoline=0", false, false) && !retpolines, "no by value");
	were = mistakes("");
	ok(mistakes("spec-ctrl=no-xen,isolation,bti-thunk=lfence xpti=0 no-pv-l1tf pcid=xpti") == were, "others are no mistakes");
	ok(with("", "\"xen\" is Xen's, and has no effect: write spec-ctrl=no-isolation") && strstr(host_log, "\"bti-thunk\" is") &&
	   strstr(host_log, "\"xpti\" is") && strstr(host_log, "\"pv-l1tf\" is") && strstr(host_log, "\"pcid\" is") && !strstr(host_log, "\"hvm\" is"), "but told");
	ok(isolates && !retpolines, "and what stands between them counts");
	ok(mistakes("spec-ctrl=what,no-isolation,a-word-that-is-longer-than-any-name") == were + 1 && mistakes("spec-ctrl=no-ibpb=1") == were + 2 &&
	   mistakes("spec-ctrl=ibpb=perhaps") == were + 3, "mistakes are told");
	ok(with("", "needs not be hidden") && !isolates, "beside what can be used");
}

int main(void)
{
	static struct domain a = { .arch.life = 1 }, b = { .arch.life = 2 };

	ok(with("", "between domains: nothing"), "a processor without means");
	ok(switched(&a, 0, 0) && switched(&b, 0, 0), "does nothing");
	have(X86_FEATURE_IBPB);
	ok(with("", "between domains: ibpb\n"), "AMD's barrier alone");
	have(X86_FEATURE_IBRSB);
	have(X86_FEATURE_MD_CLEAR);
	have(X86_FEATURE_L1D_FLUSH);
	test_hidden();
	ok(with("", "between domains: ibpb md-clear l1d-flush\n"), "all of them");
	ok(switched(&a, 1, 1) && switched(&a, 0, 0) && switched(&b, 1, 1) && switched(&a, 1, 1), "once a change of domain");
	a.arch.life = 3;
	ok(switched(&a, 1, 1) && switched(&a, 0, 0), "and for a new domain where an ended one's structure was");
	ok(with("spec-ctrl=no-l1d-flush", "ibpb md-clear no-l1d-flush\n") && switched(&b, 1, 0), "one less");
	ok(with("spec-ctrl=no", "no-ibpb no-md-clear no-l1d-flush\n") && switched(&a, 0, 0), "none");
	ok(with("spec-ctrl=ibpb,l1d-flush", " ibpb no-md-clear l1d-flush\n") && switched(&a, 1, 1), "two of them");
	ok(with("spec-ctrl=no,md-clear,all", "no-ibpb md-clear no-l1d-flush\n"), "the last names count, what there is not does not");
	test_within();
	test_hidden_by_option();
	test_apart();
	test_successors();
	test_threads();
	test_xens();
	return tap_end();
}
