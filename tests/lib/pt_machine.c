/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine and the domains: what the sources of page types call. pt_guest.c acts, pt_oracle.c looks. */
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <asm/flush.h>
#include <asm/irq.h>
#include <asm/pci.h>
#include <asm/pv.h>
#include <asm/smp.h>
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include <tenon/hypercall.h>
#include <tenon/percpu.h>
#include "pt_inside.h"
#include "../../hypervisor/common/mm/memory_op.h"
#include "../../hypervisor/arch/x86/speculation/isolation.h"

struct percpu *percpu_table[NR_CPUS];
struct cpumask cpu_online_map;
__thread struct percpu *host_this_cpu;
__thread struct vcpu *host_current;
unsigned long max_page = PT_FRAMES, total_pages = PT_FRAMES;
uint64_t page_nx = _PAGE_NX;
pte_t idle_l4[PT_ENTRIES];
struct domain **domain_table[(1 << 15) >> DOMID_TABLE_SHIFT];
struct domain *dom0, *dom_io, *dom_xen, *idle_domain;
struct rangeset *mmio_ro_ranges;
bool pt_threads;
__thread struct pt_counts pt_counts;
struct pt_vcpu pt_vcpu[PT_CPUS];
struct domain pt_domain[PT_DOMAINS];
struct pt_tlb pt_tlb[PT_CPUS];
uint32_t pt_lives[PT_FRAMES];

static struct domain pseudo[2], *table_low[1 << DOMID_TABLE_SHIFT], *table_high[1 << DOMID_TABLE_SHIFT];
static struct vcpu *vcpus[PT_DOMAINS][2];
static struct percpu percpus[PT_CPUS];
static struct { bool irq_on, interrupt; } host[PT_CPUS];
static void (*flush_handler)(struct cpu_user_regs *regs);
static pte_t descriptor_ptes[PT_CPUS][32];
static char perdomain_page[PAGE_SIZE] __aligned(PAGE_SIZE);

/* ---- processors ---- */

void pt_be(unsigned int cpu)
{
	host_this_cpu = &percpus[cpu];
	host_current = &pt_vcpu[cpu].v;
}

void irq_set_direct_vector(unsigned int vector, void (*fn)(struct cpu_user_regs *regs))
{
	flush_handler = fn;
}

void pt_interrupts(void)
{
	unsigned int me = this_cpu()->id;

	while (host[me].irq_on && __atomic_exchange_n(&host[me].interrupt, false, __ATOMIC_SEQ_CST)) {
		host[me].irq_on = false;
		flush_handler(NULL);
		host[me].irq_on = true;
	}
}

/* Who waits in the one thread lets the others take their interrupts. */
void cpu_relax(void)
{
	unsigned int me = this_cpu()->id;

	if (pt_threads) {
		pt_interrupts();
		sched_yield();
		return;
	}
	for (unsigned int cpu = 0; cpu < PT_CPUS; cpu++) {
		host_this_cpu = &percpus[cpu];
		pt_interrupts();
	}
	host_this_cpu = &percpus[me];
	if (++pt_vcpu[me].waited > 1000)
		pt_bug("a processor waits for what nobody does");
}

void local_irq_enable(void)
{
	host[this_cpu()->id].irq_on = true;
	pt_interrupts();
}

void local_irq_disable(void)
{
	host[this_cpu()->id].irq_on = false;
}

bool local_irq_is_enabled(void)
{
	return host[this_cpu()->id].irq_on;
}

void send_ipi_mask(const struct cpumask *mask, unsigned int vector)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		__atomic_store_n(&host[cpu].interrupt, true, __ATOMIC_SEQ_CST);
}

/* User pages are global: only this forgets everything. */
void write_cr4(unsigned long v)
{
	memset(&pt_tlb[this_cpu()->id], 0, sizeof(pt_tlb[0]));
	pt_counts.flushes++;
}

/* Whoever has the root in force is told of a change of it: speculation/isolation.h. */
bool isolation_on, pcid_on;
uint64_t isolation_tag[2];
void isolation_forget_views(void) { }
void isolation_new_user_root(const struct vcpu *curr) { }
void pcid_flush_page(unsigned long va) { }
void isolation_root_changed(const struct domain *d, mfn_t root) { pt_counts.roots_changed++; }

/* Forgets nothing: with PCIDs that may be so for kernels' pages, too. */
void write_cr3(unsigned long v) { }

void sync_local_state(void) { }
void sync_vcpu_state(struct vcpu *v) { }
void arch_cache_clean(const void *va, size_t bytes, bool invalidate) { }

/* ---- memory ---- */

static pthread_mutex_t heap_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int free_frames[PT_FRAMES], nr_free;

struct page_info *heap_alloc(unsigned int order, unsigned int memflags)
{
	struct page_info *pg = NULL;

	pthread_mutex_lock(&heap_lock);
	if (nr_free && !order)
		pg = mfn_to_page(_mfn(free_frames[--nr_free]));
	pthread_mutex_unlock(&heap_lock);
	if (!pg)
		return NULL;
	arch_tlb_flush_since(pg->flush_stamp);
	memset(page_to_virt(pg), 0, PAGE_SIZE);
	pg->refs = pg->type = pg->owner = 0;
	pt_lives[page_to_mfn(pg).m]++;
	return pg;
}

void heap_free(struct page_info *pg, unsigned int order)
{
	heap_free_mapped(pg, order);
}

void heap_free_mapped(struct page_info *pg, unsigned int order)
{
	pg->refs = PGC_state_free;
	pg->type = 0;
	pg->flush_stamp = arch_tlb_stamp();
	pthread_mutex_lock(&heap_lock);
	free_frames[nr_free++] = (unsigned int)page_to_mfn(pg).m;
	pthread_mutex_unlock(&heap_lock);
}

unsigned long heap_free_pages(void)
{
	return nr_free;
}

void *alloc_hv_pages(unsigned int order, unsigned int memflags)
{
	return calloc(1, PAGE_SIZE << order);
}

void free_hv_pages(void *va, unsigned int order)
{
	free(va);
}

int copy_from_guest_va(void *dst, unsigned long va, size_t bytes)
{
	if (va < PAGE_SIZE)
		return -EFAULT;
	memcpy(dst, (const void *)va, bytes);
	return 0;
}

int copy_pair_from_guest(uint64_t pair[2], unsigned long va)
{
	return copy_from_guest_va(pair, va, 2 * sizeof(pair[0]));
}

int copy_to_guest_va(unsigned long va, const void *src, size_t bytes)
{
	if (va < PAGE_SIZE)
		return -EFAULT;
	memcpy((void *)va, src, bytes);
	return 0;
}

/* A set is there and has everything, or is not. */
bool rangeset_is_empty(struct rangeset *r) { return !r; }
bool rangeset_contains(struct rangeset *r, uint64_t s, uint64_t e) { return r && (s & 1); }
bool iomem_access_permitted(const struct domain *d, mfn_t first, mfn_t last) { return d->iomem_caps; }
bool pci_mmcfg_write(uint64_t maddr, unsigned int bytes, uint32_t v) { return true; }
void arch_m2p_set(mfn_t mfn, unsigned long gfn) { }
unsigned int memory_max_order(const struct domain *d) { return 1; }
unsigned int memory_flags(unsigned int mem_flags) { return 0; }
mfn_t arch_gfn_to_mfn(struct domain *d, gfn_t gfn) { return _mfn(gfn.g); }

/* ---- domains ---- */

struct domain *domain_get(domid_t id)
{
	struct domain *d = domain_by_id(id);

	return d && d->is_complete && domain_get_ref(d) ? d : NULL;
}

struct domain *domain_get_any(struct vcpu *curr, domid_t id)
{
	return id == DOMID_SELF && domain_get_ref(curr->domain) ? curr->domain : NULL;
}

bool domain_get_ref(struct domain *d)
{
	__atomic_fetch_add(&d->refcount, 1, __ATOMIC_SEQ_CST);
	return true;
}

void domain_put(struct domain *d)
{
	if (__atomic_fetch_sub(&d->refcount, 1, __ATOMIC_SEQ_CST) <= 0)
		pt_bug("a reference too many to a domain goes");
}

void pv_load_ldt(struct vcpu *curr) { }
void emul_trap_after(struct vcpu *curr, struct cpu_user_regs *regs) { }

pte_t perdomain_null_pte(void)
{
	return (pte_t){ 0 };
}

void fill_guest_l4(struct domain *d, pte_t *l4)
{
	memcpy(l4 + HV_FIRST_SLOT, idle_l4 + HV_FIRST_SLOT, (HV_LAST_SLOT - HV_FIRST_SLOT + 1) * sizeof(*l4));
	l4[PERDOMAIN_SLOT].e = (uint64_t)d->arch.perdomain_l2;
}

long hypercall_restart(struct vcpu *curr, unsigned int op, unsigned int n, ...)
{
	struct pt_vcpu *p = &pt_vcpu[curr->processor];
	va_list ap;

	va_start(ap, n);
	for (unsigned int i = 0; i < n; i++)
		p->args[i] = va_arg(ap, unsigned long);
	va_end(ap);
	p->op = op;
	p->restart = true;
	return 0;
}

bool softirq_pending_here(void)
{
	return pt_choose(6) == 5;
}

/* ---- the beginning ---- */

static void map_memory(void)
{
	static bool mapped;
	const unsigned long places[][2] = {
		{ DIRECTMAP_VIRT_START, PT_FRAMES * PAGE_SIZE },
		{ FRAMETABLE_VIRT_START, PT_FRAMES * sizeof(struct page_info) },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(places) && !mapped; i++)
		if (mmap((void *)places[i][0], places[i][1], PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
			pt_bug("no memory where it is to be");
	mapped = true;
	memset((void *)DIRECTMAP_VIRT_START, 0, PT_FRAMES * PAGE_SIZE);
	memset(frame_table, 0, PT_FRAMES * sizeof(struct page_info));
	nr_free = 0;
	for (unsigned int m = 0; m < PT_FRAMES; m++)
		if (pt_is_hole(m))
			mfn_to_page(_mfn(m))->refs = PGC_hole;
		else if (m >= PT_SHARED + PT_DOMAINS)
			heap_free_mapped(mfn_to_page(_mfn(m)), 0);
}

static void start_pseudo(struct domain *d, domid_t id)
{
	d->domain_id = id;
	d->refcount = 1;
	table_high[id & ((1 << DOMID_TABLE_SHIFT) - 1)] = d;
}

static void start_domain(unsigned int id)
{
	struct domain *d = &pt_domain[id];

	d->domain_id = (domid_t)id;
	d->is_privileged = !id;
	d->is_complete = true;
	d->refcount = 1;
	d->max_pages = PT_FRAMES;
	d->max_vcpus = 2;
	d->vcpu = vcpus[id];
	d->iomem_caps = id ? NULL : (struct rangeset *)perdomain_page;
	d->arch.perdomain_l2 = (pte_t *)(0xd0000000UL + id * PAGE_SIZE);
	if (id)
		d->vm_assist = 1UL << VMASST_TYPE_m2p_strict | 1UL << VMASST_TYPE_writable_pagetables;
	table_low[id] = d;
	for (unsigned int i = 0; i < PT_DOMAIN_PAGES; i++)
		if (!domain_alloc_pages(d, 0, 0))
			pt_bug("no pages");
	share_hv_page_with_guest(mfn_to_virt(_mfn(PT_SHARED + id)), d, true);
}

static void start_vcpu(unsigned int cpu)
{
	struct vcpu *v = &pt_vcpu[cpu].v;

	v->domain = &pt_domain[cpu / 2];
	v->vcpu_id = cpu % 2;
	v->processor = v->loaded_cpu = cpu;
	v->vcpu_info_mfn = _mfn(0);
	v->arch.kernel_mode = true;
	v->arch.pv.gdt_ldt_l1 = descriptor_ptes[cpu];
	v->domain->vcpu[v->vcpu_id] = v;
}

void pt_start(void)
{
	memset(pt_vcpu, 0, sizeof(pt_vcpu));
	memset(pt_domain, 0, sizeof(pt_domain));
	memset(pseudo, 0, sizeof(pseudo));
	memset(descriptor_ptes, 0, sizeof(descriptor_ptes));
	memset(pt_tlb, 0, sizeof(pt_tlb));
	domain_table[0] = table_low;
	domain_table[DOMID_IO >> DOMID_TABLE_SHIFT] = table_high;
	dom0 = pt_domain;
	dom_io = &pseudo[0];
	dom_xen = &pseudo[1];
	start_pseudo(dom_io, DOMID_IO);
	start_pseudo(dom_xen, DOMID_XEN);
	mmio_ro_ranges = (struct rangeset *)perdomain_page;
	for (unsigned int i = HV_FIRST_SLOT; i <= HV_LAST_SLOT; i++)
		idle_l4[i].e = 0xabcd000UL + 2 * i;	/* not present */
	for (unsigned int cpu = 0; cpu < PT_CPUS; cpu++) {
		percpus[cpu].id = cpu;
		percpus[cpu].arch.tlb.stamp = 0;
		percpu_table[cpu] = &percpus[cpu];
		cpumask_set(cpu, &cpu_online_map);
		host[cpu].irq_on = true;
	}
	flush_init();
	pt_be(0);
	map_memory();
	for (unsigned int id = 0; id < PT_DOMAINS; id++)
		start_domain(id);
	for (unsigned int cpu = 0; cpu < PT_CPUS; cpu++)
		start_vcpu(cpu);
	for (unsigned int cpu = 0; cpu < PT_CPUS; cpu++) {
		pt_be(cpu);
		pt_first_root(&pt_vcpu[cpu]);
	}
	pt_be(0);
}
