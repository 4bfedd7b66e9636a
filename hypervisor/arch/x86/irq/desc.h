/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the interrupt code: one descriptor for each source of interrupts. doc/interrupts.md tells
 * of their life. Locks nest in this order: pci_lock, a domain's pirq_lock, a descriptor's lock, vector_lock
 * or the controllers' register locks.
 */
#ifndef X86_IRQ_DESC_H
#define X86_IRQ_DESC_H

#include <asm/irq.h>
#include <asm/pci.h>
#include <tenon/irq.h>
#include <tenon/list.h>
#include <tenon/spinlock.h>

struct irq_desc;

/* A kind of source. Called with the descriptor's lock held, interrupts off. */
struct irq_chip {
	const char *name;
	void (*mask)(struct irq_desc *desc);		/* NULL: cannot be masked */
	void (*unmask)(struct irq_desc *desc);
	/* Makes it send desc->vector to desc->cpu; on return nothing is under way to where it went before. */
	void (*route)(struct irq_desc *desc);
};

#define IRQ_MAX_GUESTS	7

struct irq_guests {
	uint8_t nr;
	uint8_t in_flight;		/* level-triggered: guests that have yet to say eoi */
	bool shared;			/* they all said that they share */
	struct {
		struct domain *d;
		unsigned int pirq;
	} guest[IRQ_MAX_GUESTS];
};

struct irq_desc {
	spinlock_t lock;
	uint16_t irq;			/* its own number */
	uint8_t vector;			/* 0: none yet */
	uint8_t old_vector;		/* 0, or the one before, still to be delivered once to old_cpu */
	uint16_t cpu, old_cpu;
	uint16_t target;		/* where it should go: done when it comes next */
	bool level, active_low;
	bool fixed;			/* stays on its CPU */
	bool running;			/* fn is being called */
	bool storm;			/* masked for a while: comes too often */
	const struct irq_chip *chip;	/* NULL: no such source */

	/* Who gets it: guests, or fn of ours, or nobody. */
	struct irq_guests *guests;
	void (*fn)(unsigned int irq, void *data);
	void *data;
	const char *name;

	uint32_t count;
	s_time_t count_since;
	s_time_t unmasked;		/* level-triggered: when it was let go, ... */
	unsigned int back;		/* ... and how often it was back at once */

	union {
		struct msi_entry *msi;
		struct {
			struct ioapic *ioapic;
			uint8_t pin;
			bool programmed;	/* dom0 told how it is triggered */
			uint32_t rte;		/* low half of the entry as last written */
		};
	};
};

/* ---- irq.c ---- */
extern unsigned int nr_irqs;
extern struct irq_desc *irq_descs;
static inline struct irq_desc *irq_desc(unsigned int irq) { return &irq_descs[irq]; }

/* desc->lock held: it gets a user, who wants it at cpu; 0 or -ENOSPC. The last user has gone. */
int irq_startup(struct irq_desc *desc, unsigned int cpu);
void irq_shutdown(struct irq_desc *desc);
/* desc->lock held: unmasks, unless it comes too often. */
void irq_unmask(struct irq_desc *desc);
/* nr unused descriptors in a row above the GSIs; the first one's number, or -ENOSPC. Free ones have no chip. */
int irq_alloc(unsigned int nr, const struct irq_chip *chip);
void irq_release(unsigned int irq, unsigned int nr);

/* ---- vector.c ---- */
extern spinlock_t vector_lock;
/* A run of nr (a power of two) free vectors of a CPU's table, aligned to nr; hint: where to look first. 0: none. */
unsigned int vector_find(struct irq_desc *const *table, unsigned int nr, unsigned int hint);
/* Gives descs[0 .. nr) consecutive vectors at cpu, the first one prefer if it can be had. 0 or -ENOSPC. */
int vector_alloc(struct irq_desc *descs, unsigned int nr, unsigned int cpu, unsigned int prefer);
void vector_free(unsigned int cpu, unsigned int vector);
static inline bool vector_dynamic(unsigned int v)
{
	return v >= VECTOR_DYNAMIC_FIRST && v <= VECTOR_DYNAMIC_LAST && v != 0x80 && v != 0x82;
}
/* Can devices reach the processor? Their messages have room for 8 bits, all ones being everybody. */
bool irq_cpu_reachable(unsigned int cpu);

/* ---- ioapic.c ---- */
/* Finds the controllers and their pins; then descriptors can be made. */
void ioapic_init(void);
void ioapic_init_descs(void);
bool irq_is_ioapic(const struct irq_desc *desc);
/* desc->lock held, nobody uses it. */
void ioapic_set_trigger(struct irq_desc *desc, bool level, bool active_low);
/* Machine address of the i'th controller; false when there is none. */
bool ioapic_address(unsigned int i, uint64_t *addr);
/* PHYSDEVOP_apic_read and _write, setup_gsi. */
int ioapic_guest_read(uint64_t base, uint32_t reg, uint32_t *value);
/* *gsi: the pin that was set up, or -1. */
int ioapic_guest_write(uint64_t base, uint32_t reg, uint32_t value, int *gsi);
int ioapic_setup_gsi(int gsi, bool level, bool active_low);

/* ---- msi.c, msix.c ---- */
/* Interrupts of a device by message: an MSI capability with nr consecutive ones, or one entry of its MSI-X table. */
struct msi_entry {
	struct list_head list;		/* pci_dev.msi_list; pci_lock */
	struct pci_dev *dev;
	unsigned int irq, nr;		/* irq .. irq + nr - 1 */
	bool msix, maskable, is64;
	unsigned int index;		/* MSI-X: which of the table */
	unsigned int pos;		/* MSI: the capability */
	uint32_t host_mask, guest_mask;	/* MSI: bits of its mask register; msi_mask_lock */
	volatile uint8_t *slot;		/* MSI-X: the entry */
};

/* Where to write what for the vector to arrive at the APIC. SDM 3A 10.11: physical, fixed, edge. */
static inline uint32_t msi_address(uint32_t apic_id) { return 0xfee00000U | (apic_id & 0xff) << 12; }
static inline uint32_t msi_data(unsigned int vector) { return vector & 0xff; }

extern const struct irq_chip msi_chip, msi_unmaskable_chip, msix_chip;
extern spinlock_t msi_mask_lock;

/*
 * pci_lock held. They make irq .. irq + nr - 1, which have vectors, messages of dev, masked. 0, -errno, or
 * for MSI how many the device has at most when that is less than nr.
 */
int msi_enable(struct pci_dev *dev, unsigned int irq, unsigned int nr, struct msi_entry **out);
int msix_enable(struct pci_dev *dev, unsigned int irq, unsigned int index, uint64_t table_base,
		struct msi_entry **out);
void msi_disable(struct msi_entry *e);
/* Writes what the device has forgotten. */
void msi_restore(struct msi_entry *e);
/* Takes the MSI-X table into use (its frames become read-only for guests), or gives it up. 0, -ENXIO, -ENOMEM. */
int msix_get_table(struct pci_dev *dev, uint64_t table_base);
void msix_put_table(struct pci_dev *dev);

/* ---- pirq.c ---- */
struct pirq {
	uint32_t port;			/* the event code's */
	int32_t irq;			/* 0: none; pirq_lock */
	bool masked;			/* came, and waits for the guest's eoi; descriptor's lock */
};
#define PIRQ_RESERVED	(-1)		/* as irq: PHYSDEVOP_get_free_pirq gave the number out */

/* desc->lock held, desc->guests set. */
void pirq_deliver(struct irq_desc *desc);
/* d's number for irq, or -1; pirq_lock held, or irq's device cannot change hands. */
int pirq_of_irq(const struct domain *d, unsigned int irq);
bool pirq_is_shared(struct domain *d, unsigned int pirq);
/* Takes irq away from d whatever d thinks of it. pirq_lock held. */
void pirq_force_unbind(struct domain *d, unsigned int pirq);

/* ---- pirq_map.c ---- */
/* A free number for a GSI or messages, nr in a row; -ENOSPC. pirq_lock held. */
int pirq_find_free(const struct domain *d, bool gsi, unsigned int nr);
/* *pirq < 0: one is chosen. 0 or what the guest is to be told. */
int pirq_map_gsi(struct vcpu *curr, struct domain *d, int gsi, int *pirq);
struct msi_request {
	pci_sbdf_t dev;
	bool multi;			/* more than one: MSI alone */
	int entry_nr;			/* MSI-X: index; multi: how many, the number that is possible on -ENFILE */
	uint64_t table_base;		/* 0: MSI */
};
int pirq_map_msi(struct vcpu *curr, struct domain *d, struct msi_request *req, int *pirq);
/* pci_lock held. 0, -EINVAL, or -EBUSY for one that is not the first of several messages. */
int pirq_unmap(struct domain *d, int pirq);

#endif
