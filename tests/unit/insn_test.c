/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instruction decoder and executor: known encodings, hostile bytes, and random
 * memory-writing instructions, which this processor executes, too, for comparison.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <asm/emulate.h>
#include <tenon/errno.h>
#include "../lib/tap.h"

void bug(const char *file, int line, const char *what) __attribute__((noreturn));
void insn_cpu_run(struct cpu_user_regs *regs, void *code);
extern char insn_cpu_return[];

_Static_assert(offsetof(struct cpu_user_regs, rax) == 80 &&
	       offsetof(struct cpu_user_regs, rdi) == 112 &&
	       offsetof(struct cpu_user_regs, rflags) == 144 &&
	       offsetof(struct cpu_user_regs, rsp) == 152, "insn_cpu.S");

static unsigned int failures, checks;

void bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

#define CHECK(c) do { \
	checks++; \
	if (!(c)) { failures++; printf("# %s:%d: %s\n", __FILE__, __LINE__, #c); } \
} while (0)

static uint64_t rnd_state = 0x9e3779b97f4a7c15ULL;

static uint64_t rnd(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return rnd_state * 0x2545f4914f6cdd1dULL;
}

/* ---- known encodings ---- */
struct known {
	const char *bytes;
	unsigned int len;
	enum insn_mode mode;
	enum insn_op op;	/* INSN_NONE: must be refused */
	unsigned int size, reg, rm;
};

#define ROW(b, op, size, reg, rm)	{ b, sizeof(b) - 1, INSN_MODE_64, op, size, reg, rm }
#define ROW32(b, op, size, reg, rm)	{ b, sizeof(b) - 1, INSN_MODE_32, op, size, reg, rm }
#define BAD(b)				ROW(b, INSN_NONE, 0, 0, 0)

static const struct known known[] = {
	ROW("\xe4\x70", INSN_IN, 1, 0, 0),
	ROW("\x66\xe5\x70", INSN_IN, 2, 0, 0),
	ROW("\x48\xed", INSN_IN, 4, 0, 0),
	ROW("\xee", INSN_OUT, 1, 0, 0),
	ROW("\x66\xef", INSN_OUT, 2, 0, 0),
	ROW("\xe7\xf8", INSN_OUT, 4, 0, 0),
	ROW("\xf3\x6c", INSN_INS, 1, 0, 0),
	ROW("\xf3\x66\x6d", INSN_INS, 2, 0, 0),
	ROW("\xf3\x48\x6f", INSN_OUTS, 4, 0, 0),
	ROW("\x65\x6e", INSN_OUTS, 1, 0, 0),
	ROW("\x0f\x20\xc0", INSN_MOV_FROM_CR, 8, 0, 0),
	ROW("\x0f\x22\xdf", INSN_MOV_TO_CR, 8, 3, 7),
	ROW("\x41\x0f\x22\xe1", INSN_MOV_TO_CR, 8, 4, 9),
	ROW("\x44\x0f\x20\xc0", INSN_MOV_FROM_CR, 8, 8, 0),
	ROW("\x0f\x20\x05", INSN_MOV_FROM_CR, 8, 0, 5),	/* mod does not count */
	ROW("\x0f\x21\xf8", INSN_MOV_FROM_DR, 8, 7, 0),
	ROW("\x0f\x23\xc6", INSN_MOV_TO_DR, 8, 0, 6),
	ROW32("\x0f\x22\xd8", INSN_MOV_TO_CR, 4, 3, 0),
	ROW("\x0f\x06", INSN_CLTS, 4, 0, 0),
	ROW("\x0f\x01\xf0", INSN_LMSW, 4, 6, 0),
	ROW("\x0f\x01\x38", INSN_INVLPG, 4, 7, 0),
	ROW("\x0f\x01\xf9", INSN_RDTSCP, 4, 7, 1),
	ROW("\x0f\x01\xd1", INSN_XSETBV, 4, 2, 1),
	ROW("\x0f\x30", INSN_WRMSR, 4, 0, 0),
	ROW("\x0f\x32", INSN_RDMSR, 4, 0, 0),
	ROW("\x0f\x31", INSN_RDTSC, 4, 0, 0),
	ROW("\x0f\x33", INSN_RDPMC, 4, 0, 0),
	ROW("\x0f\xa2", INSN_CPUID, 4, 0, 0),
	ROW("\x0f\x08", INSN_INVD, 4, 0, 0),
	ROW("\x0f\x09", INSN_WBINVD, 4, 0, 0),
	ROW("\xf4", INSN_HLT, 4, 0, 0),
	ROW("\xfa", INSN_CLI, 4, 0, 0),
	ROW("\xfb", INSN_STI, 4, 0, 0),
	ROW("\x48\x89\x07", INSN_MOV, 8, 0, 0),
	ROW("\x4c\x89\x3c\xd8", INSN_MOV, 8, 15, 0),
	ROW("\x48\xc7\x05\x10\x00\x00\x00\xff\xff\xff\xff", INSN_MOV, 8, 0, 0),
	ROW("\x66\xc7\x00\x34\x12", INSN_MOV, 2, 0, 0),
	ROW("\xc6\x00\x7f", INSN_MOV, 1, 0, 0),
	ROW("\xa2\x01\x02\x03\x04\x05\x06\x07\x08", INSN_MOV, 1, 0, 0),
	ROW("\x48\xa3\x01\x02\x03\x04\x05\x06\x07\x08", INSN_MOV, 8, 0, 0),
	ROW("\x67\xa3\x01\x02\x03\x04", INSN_MOV, 4, 0, 0),
	ROW("\x48\x0f\xc3\x06", INSN_MOV, 8, 0, 0),
	ROW("\x48\x87\x03", INSN_XCHG, 8, 0, 0),
	ROW("\xf0\x48\x0f\xb1\x0a", INSN_CMPXCHG, 8, 1, 0),
	ROW("\xf0\x0f\xc7\x0f", INSN_CMPXCHG_PAIR, 8, 1, 0),
	ROW("\xf0\x48\x0f\xc7\x0f", INSN_CMPXCHG_PAIR, 16, 1, 0),
	ROW("\xf0\x48\x83\x20\xfd", INSN_AND, 8, 4, 0),
	ROW("\xf0\x0f\xba\x28\x06", INSN_BTS, 4, 5, 0),
	ROW("\xf3\x48\xab", INSN_STOS, 8, 0, 0),
	ROW("\xf2\xa4", INSN_MOVS, 1, 0, 0),
	ROW("\x48\xff\x00", INSN_INC, 8, 0, 0),
	ROW("\xf0\x48\x0f\xc1\x07", INSN_XADD, 8, 0, 0),
	ROW("\x48\x66\x89\x07", INSN_MOV, 2, 0, 0),	/* REX before a prefix is void */
	BAD("\x0f\x0b"), BAD("\x0f\x01\x10"), BAD("\x0f\x01\xc8"), BAD("\x0f\x01\xd0"),
	BAD("\x0f\x00\xd8"), BAD("\x90"), BAD("\xcd\x80"), BAD("\x0f\x05"), BAD("\x0f\x34"),
	BAD("\x48\x89\xc0"),			/* register destination */
	BAD("\xf0\x48\x89\x07"),		/* LOCK on a plain store */
	BAD("\x80\x38\x00"),			/* CMP writes nothing */
	BAD("\xf3\x0f\x01\x38"), BAD("\x66\x0f\xc3\x06"), BAD("\xf0\x0f\x20\xc0"),
	BAD("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\xed\xed"),
};

static void test_known(void)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct known *k = &known[i];
		uint8_t buf[16] = { 0 };
		struct insn insn;
		int rc;

		memcpy(buf, k->bytes, k->len < 16 ? k->len : 16);
		rc = insn_decode(buf, 15, k->mode, &insn);
		if (i == sizeof(known) / sizeof(known[0]) - 1) {
			CHECK(rc == 0 && insn.len == 15);	/* exactly 15 bytes: allowed */
			buf[14] = 0x66;
			CHECK(insn_decode(buf, 16, k->mode, &insn) == -EINVAL);
			continue;
		}
		CHECK((rc == 0) == (k->op != INSN_NONE));
		if (rc)
			continue;
		CHECK(insn.op == k->op && insn.len == k->len && insn.size == k->size);
		CHECK(insn.reg == k->reg && (insn.mem || insn.rm == k->rm));
		if (insn.op != k->op || insn.len != k->len || insn.size != k->size)
			printf("#   row %zu: op %u len %u size %u\n", i, insn.op, insn.len, insn.size);
	}
}

/* ---- hostile bytes ---- */
/* No byte beyond the given number is read, and what was not read has no influence. */
static void fuzz_decode(unsigned int rounds)
{
	uint8_t *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int known_ones = 0;

	mprotect(page + 4096, 4096, PROT_NONE);
	while (rounds--) {
		enum insn_mode mode = rnd() & 1 ? INSN_MODE_64 : INSN_MODE_32;
		uint8_t bytes[15];
		struct insn whole, part;
		int rc, rc2;

		for (unsigned int i = 0; i < 15; i++)
			bytes[i] = rnd() >> 40;
		if (rnd() & 1)
			bytes[rnd() % 4] = 0x0f;
		memcpy(page + 4096 - 15, bytes, 15);
		rc = insn_decode(page + 4096 - 15, 15, mode, &whole);
		CHECK(rc == 0 || rc == -EINVAL);
		if (rc)
			continue;
		known_ones++;
		CHECK(whole.len >= 1 && whole.len <= 15 && whole.op != INSN_NONE);
		for (unsigned int n = 0; n <= whole.len; n++) {
			uint8_t *p = page + 4096 - n;

			memcpy(p, bytes, n);
			rc2 = insn_decode(p, n, mode, &part);
			CHECK(rc2 == (n < whole.len ? -EAGAIN : 0));
		}
		CHECK(!memcmp(&whole, &part, sizeof(whole)));
	}
	CHECK(known_ones > 100);
	munmap(page, 8192);
}

/* ---- against this processor ---- */
#define BUF_SIZE	4096
#define BUF_MIDDLE	(BUF_SIZE / 2)
static uint8_t *data, *code;

struct gen {
	uint8_t b[32];
	unsigned int n;
};

static void emit(struct gen *g, uint64_t v, unsigned int bytes)
{
	while (bytes--) {
		g->b[g->n++] = v;
		v >>= 8;
	}
}

/* Shapes of instructions: opcode bytes, and what may stand around them. */
struct shape {
	uint8_t two_byte, opcode;
	int8_t reg;		/* fixed reg field, or -1 */
	uint8_t imm;		/* 0 none, 1 byte, 4: word or double word */
	bool byte, lock, moffs, string;
};

#define ALU_SHAPES(o) { 0, o, -1, 0, .byte = true, .lock = true }, { 0, (o) + 1, -1, 0, .lock = true }
#define GROUP1_SHAPES(r) { 0, 0x80, r, 1, .byte = true, .lock = true }, \
	{ 0, 0x81, r, 4, .lock = true }, { 0, 0x83, r, 1, .lock = true }

static const struct shape shapes[] = {
	ALU_SHAPES(0x00), ALU_SHAPES(0x08), ALU_SHAPES(0x10), ALU_SHAPES(0x18), ALU_SHAPES(0x20),
	ALU_SHAPES(0x28), ALU_SHAPES(0x30),
	GROUP1_SHAPES(0), GROUP1_SHAPES(1), GROUP1_SHAPES(2), GROUP1_SHAPES(3), GROUP1_SHAPES(4),
	GROUP1_SHAPES(5), GROUP1_SHAPES(6),
	ALU_SHAPES(0x86),
	{ 0, 0x88, -1, 0, .byte = true }, { 0, 0x89, -1, 0, .byte = false },
	{ 0, 0xa2, -1, 0, .byte = true, .moffs = true }, { 0, 0xa3, -1, 0, .moffs = true },
	{ 0, 0xa4, -1, 0, .byte = true, .string = true }, { 0, 0xa5, -1, 0, .string = true },
	{ 0, 0xaa, -1, 0, .byte = true, .string = true }, { 0, 0xab, -1, 0, .string = true },
	{ 0, 0xc6, 0, 1, .byte = true }, { 0, 0xc7, 0, 4, .byte = false },
	{ 0, 0xf6, 2, 0, .byte = true, .lock = true }, { 0, 0xf7, 2, 0, .lock = true },
	{ 0, 0xf6, 3, 0, .byte = true, .lock = true }, { 0, 0xf7, 3, 0, .lock = true },
	{ 0, 0xfe, 0, 0, .byte = true, .lock = true }, { 0, 0xff, 0, 0, .lock = true },
	{ 0, 0xfe, 1, 0, .byte = true, .lock = true }, { 0, 0xff, 1, 0, .lock = true },
	{ 1, 0xab, -1, 0, .lock = true }, { 1, 0xb3, -1, 0, .lock = true },
	{ 1, 0xbb, -1, 0, .lock = true }, { 1, 0xba, 5, 1, .lock = true },
	{ 1, 0xba, 6, 1, .lock = true }, { 1, 0xba, 7, 1, .lock = true },
	{ 1, 0xb0, -1, 0, .byte = true, .lock = true }, { 1, 0xb1, -1, 0, .lock = true },
	{ 1, 0xc0, -1, 0, .byte = true, .lock = true }, { 1, 0xc1, -1, 0, .lock = true },
	{ 1, 0xc3, -1, 0, .byte = false }, { 1, 0xc7, 1, 0, .lock = true },
};

static uint64_t *gpr(struct cpu_user_regs *regs, unsigned int nr)
{
	return insn_gpr(regs, nr);
}

/* A ModRM operand that points at target, with registers set up for it. */
static void emit_modrm(struct gen *g, struct cpu_user_regs *regs, unsigned int reg, uint8_t rex,
		       uint64_t target)
{
	unsigned int mod = rnd() % 3, base = rnd() % 8, index = rnd() % 8, scale = rnd() % 4;
	unsigned int rbase = base | (rex & 1 ? 8 : 0), rindex = index | (rex & 2 ? 8 : 0);
	int32_t disp = mod == 1 ? (int8_t)rnd() : mod == 2 ? (int32_t)rnd() % 100000 : 0;
	bool sib = base == 4 || (rnd() & 1);

	if (mod == 0 && base == 5)
		mod = 1, disp = 0;
	if (sib && rindex != 4 && rindex == rbase)
		sib = false;
	if (!sib && base == 4) {
		sib = true;
		index = 4;
		rindex = rex & 2 ? 12 : 4;
	}
	emit(g, (mod << 6) | ((reg & 7) << 3) | (sib ? 4 : base), 1);
	if (sib)
		emit(g, (scale << 6) | (index << 3) | base, 1);
	emit(g, (uint32_t)disp, mod == 1 ? 1 : mod == 2 ? 4 : 0);
	if (sib && rindex != 4) {
		if (rindex == rbase)	/* r12 twice: base + base << scale cannot hit at will */
			target = 0;
		else
			*gpr(regs, rindex) = (int64_t)rnd() % 1000000;
	}
	*gpr(regs, rbase) = target - (uint64_t)(int64_t)disp -
			    (sib && rindex != 4 && target ? *gpr(regs, rindex) << scale : 0);
}

static void random_regs(struct cpu_user_regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	for (unsigned int i = 0; i < 16; i++)
		*gpr(regs, i) = rnd() >> (rnd() % 64);
	regs->rflags = 0x202 | (rnd() & 0x8d5);
	if (rnd() & 1)
		regs->rflags |= 0x400;
}

/* Builds one random instruction and its registers; returns its operand size. */
static void generate(const struct shape *s, struct gen *g, struct cpu_user_regs *regs)
{
	uint64_t target = (uint64_t)data + BUF_MIDDLE + rnd() % 64 * 8;
	unsigned int reg = s->reg >= 0 ? (unsigned int)s->reg : rnd() % 16;
	bool op16 = rnd() % 4 == 0, bits = s->two_byte && (s->opcode & 0xe7) == 0xa3 && !s->imm;
	uint8_t rex = rnd() & 1 ? 0x40 | (rnd() & 0xb) : 0;

	if (s->two_byte && (s->opcode == 0xc3 || s->opcode == 0xc7))
		op16 = false;
	random_regs(regs);
	if (s->opcode == 0xc7 && s->two_byte)
		target &= ~15ULL;
	if (reg & 8)
		rex |= 0x44;
	if (op16)
		emit(g, 0x66, 1);
	if (s->string && (rnd() & 1))
		emit(g, 0xf3, 1);
	if (s->lock && (rnd() & 1))
		emit(g, 0xf0, 1);
	if (rex)
		emit(g, rex, 1);
	if (s->two_byte)
		emit(g, 0x0f, 1);
	emit(g, s->opcode, 1);
	if (s->moffs) {
		emit(g, target, 8);
	} else if (s->string) {
		regs->rdi = target;
		regs->rsi = target + 512;
		regs->rcx = rnd() % 5;
	} else {
		emit_modrm(g, regs, reg, rex, target);
		if (bits && (gpr(regs, reg) != gpr(regs, 4)) && (rnd() & 1) && !*gpr(regs, reg))
			*gpr(regs, reg) = 5;
	}
	emit(g, rnd(), s->imm == 4 && op16 && !(rex & 8) ? 2 : s->imm);
}

static uint64_t load(const void *p, unsigned int size)
{
	uint64_t v = 0;

	memcpy(&v, p, size > 8 ? 8 : size);
	return v;
}

static bool inside(uint64_t addr, unsigned int size)
{
	return addr - (uint64_t)data <= BUF_SIZE - size;
}

/* Runs the instruction by the executor on mem; false if an address is outside of the buffer. */
static bool emulate(const struct insn *insn, struct cpu_user_regs *regs, uint8_t *mem)
{
	uint64_t rip = regs->rip;

	do {
		uint64_t ea = insn_dest_offset(insn, regs);
		struct insn_operands ops = { .src = 0 };
		struct insn_result res;

		if (!inside(ea, insn->size))
			return false;
		ops.mem[0] = load(mem + (ea - (uint64_t)data), insn->size);
		if (insn->size == 16)
			ops.mem[1] = load(mem + (ea - (uint64_t)data) + 8, 8);
		if (insn->op == INSN_MOVS) {
			if (!inside(regs->rsi, insn->size))
				return false;
			ops.src = load(mem + (regs->rsi - (uint64_t)data), insn->size);
		}
		insn_execute(insn, regs, &ops, &res);
		if (res.write)
			memcpy(mem + (ea - (uint64_t)data), res.mem, insn->size);
		insn_commit(insn, regs, &res);
	} while (regs->rip == rip);
	return true;
}

static void report(const struct gen *g, const struct cpu_user_regs *a, const struct cpu_user_regs *b)
{
	printf("#   bytes:");
	for (unsigned int i = 0; i < g->n; i++)
		printf(" %02x", g->b[i]);
	printf("\n#   cpu rax %lx rflags %lx, emulated rax %lx rflags %lx\n",
	       (unsigned long)a->rax, (unsigned long)a->rflags,
	       (unsigned long)b->rax, (unsigned long)b->rflags);
}

static bool run_one(const struct shape *s)
{
	static uint8_t mem[BUF_SIZE], start[BUF_SIZE];
	struct gen g = { .n = 0 };
	struct cpu_user_regs cpu, emu;
	uint64_t ret = (uint64_t)insn_cpu_return, ignore = 0;
	struct insn insn;
	bool same;

	for (unsigned int i = 0; i < BUF_SIZE; i += 8) {
		uint64_t v = rnd();

		memcpy(start + i, &v, 8);
	}
	generate(s, &g, &cpu);
	if (rnd() & 1) {	/* let comparisons succeed */
		for (unsigned int i = 0; i < BUF_SIZE; i += 16) {
			memcpy(start + i, &cpu.rax, 8);
			memcpy(start + i + 8, &cpu.rdx, 8);
		}
	}
	if (insn_decode(g.b, g.n, INSN_MODE_64, &insn) || insn.len != g.n) {
		CHECK(!"generated instruction is decoded");
		report(&g, &cpu, &cpu);
		return false;
	}
	cpu.rip = (uint64_t)code;
	emu = cpu;
	memcpy(mem, start, BUF_SIZE);
	if (!emulate(&insn, &emu, mem))
		return false;	/* would leave the buffer */
	memcpy(data, start, BUF_SIZE);
	memcpy(code, g.b, g.n);
	memcpy(code + g.n, "\xff\x25\0\0\0\0", 6);
	memcpy(code + g.n + 6, &ret, 8);
	insn_cpu_run(&cpu, code);
	cpu.rip += g.n;
	if (insn.op == INSN_OR || insn.op == INSN_AND || insn.op == INSN_XOR)
		ignore = 0x10;
	if (insn.op >= INSN_BTS && insn.op <= INSN_BTC)
		ignore = 0x894;		/* undefined by the manuals */
	cpu.rflags &= ~ignore;
	emu.rflags &= ~ignore;
	same = !memcmp(&cpu, &emu, sizeof(cpu)) && !memcmp(data, mem, BUF_SIZE);
	CHECK(same);
	if (!same)
		report(&g, &cpu, &emu);
	return true;
}

static void stray(int sig)
{
	printf("not ok - signal %d: an instruction went astray\n", sig);
	_Exit(1);
}

static void test_against_cpu(unsigned int rounds)
{
	static uint8_t altstack[65536];
	stack_t st = { .ss_sp = altstack, .ss_size = sizeof(altstack) };
	struct sigaction sa = { .sa_handler = stray, .sa_flags = SA_ONSTACK };
	unsigned int ran[sizeof(shapes) / sizeof(shapes[0])] = { 0 };

	data = mmap(NULL, BUF_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaltstack(&st, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGILL, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	while (rounds--) {
		unsigned int i = rnd() % (sizeof(shapes) / sizeof(shapes[0]));

		ran[i] += run_one(&shapes[i]);
	}
	for (unsigned int i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		CHECK(ran[i] > 10);	/* every shape was really compared */
}

static void part(const char *what)
{
	ok(!failures, "%s: %u checks", what, checks);
	failures = checks = 0;
}

int main(void)
{
	test_known();
	part("known encodings");
	fuzz_decode(200000);
	part("random bytes");
	test_against_cpu(100000);
	part("random instructions as this processor executes them");
	return tap_end();
}
