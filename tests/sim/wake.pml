/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sleeping and waking of one vCPU, as hypervisor/common/sched/core.c does it, for the model checker spin: no wake-up
 * is lost, the vCPU runs on one CPU at a time, and its state is not used before it is saved. Two CPUs may run it, two
 * senders make events pending for it at any moment.
 *
 * Steps are atomic where a queue's lock is held, or where the processor's instruction is. The queue is that of
 * processor; who wakes the vCPU may move it to the other CPU's queue (join()), and an idle CPU may take it from there.
 *
 * tests/sim/check-wake runs it, and shows that it is not blind: with each of NO_RECHECK, NO_WAKE_WHEN_SAVED and
 * WAKE_WHILE_RUNNING, a line is missing that the code has, and spin must find what goes wrong.
 */
#define NR_CPUS		2
#define EVENTS		2	/* of each sender */
#define SLICES		1
#define NOBODY		9

bool blocked;			/* VPF_blocked */
bool pending;			/* an event of the vCPU's, not seen by it yet */
bool is_running, queued, wake_when_saved;
byte processor;			/* whose queue's lock it is under */
byte curr[NR_CPUS];		/* 1: the vCPU, 0: idle */
bool softirq[NR_CPUS];		/* SOFTIRQ_SCHEDULE */
byte executes = NOBODY;		/* CPU on which the vCPU's code is */
bool saved = true;		/* its state is in memory */
byte slices;			/* ends of its slice so far */

/* The second part of join(): the lock of the queue that it goes to was not held in between. */
inline enter(cpu)
{
	if
	:: processor != cpu || queued || is_running || blocked -> skip
	:: else -> queued = true; softirq[cpu] = true
	fi
}

inline choose_queue(to)
{
	if
	:: to = processor
	:: to = 1 - processor
	fi;
	processor = to
}

inline vcpu_wake(to)
{
	to = NOBODY;
	atomic {
		if
		:: blocked -> skip
#ifndef WAKE_WHILE_RUNNING
		:: !blocked && is_running ->
			if
			:: curr[processor] == 0 && !queued -> wake_when_saved = true
			:: else -> skip
			fi
		:: !blocked && !is_running && !queued -> choose_queue(to)
#else
		:: !blocked && curr[processor] == 0 && !queued -> queued = true; softirq[processor] = true
#endif
		:: else -> skip
		fi
	}
	if
	:: to != NOBODY -> atomic { enter(to) }
	:: else -> skip
	fi
}

/* Sets the event pending, then looks whether the vCPU sleeps: vcpu_unblock(). */
proctype sender()
{
	byte n, to;
	bool was;

	do
	:: n < EVENTS ->
		pending = true;
		if
		:: !blocked -> skip
		:: else ->
			atomic { was = blocked; blocked = false }
			if
			:: was -> vcpu_wake(to)
			:: else -> skip
			fi
		fi;
		n++
	:: else -> break
	od
}

/* A CPU: schedule() when it is asked to, and between the vCPU's own code. */
proctype cpu(byte id)
{
	byte to;

	do
	:: softirq[id] ->
		softirq[id] = false;
		/* schedule(), under the lock of the CPU's queue */
		atomic {
			if
			:: curr[id] == 1 && blocked ->
				curr[id] = 0;			/* put_prev(): it sleeps, and another vCPU comes or idle */
				executes = NOBODY
			:: curr[id] == 1 && !blocked ->		/* another's turn: it waits, but its state is not saved */
				curr[id] = 0;
				executes = NOBODY;
				queued = true
#ifndef WAKE_WHILE_RUNNING
			:: curr[id] == 0 && queued && !is_running ->
#else
			:: curr[id] == 0 && queued ->
#endif
				assert(executes == NOBODY);
				queued = false;
				processor = id;			/* it was there, or is stolen */
				curr[id] = 1;
				is_running = true
			:: else -> goto done
			fi
		}
		if
		:: curr[id] == 1 ->
			/* context_switch() to it */
			assert(saved);
			atomic { saved = false; executes = id }
		:: else ->
			/* context_switch() away from it: the registers are saved, then context_saved() */
			saved = true;
			to = NOBODY;
			atomic {
				is_running = false;
#ifndef NO_WAKE_WHEN_SAVED
				if
				:: wake_when_saved ->
					wake_when_saved = false;
					if
					:: !blocked && !queued -> choose_queue(to)
					:: else -> skip
					fi
				:: else -> skip
				fi;
#endif
				if
				:: queued -> softirq[processor] = true	/* the end of the other's slice */
				:: else -> skip
				fi
			}
			if
			:: to != NOBODY -> atomic { enter(to) }
			:: else -> skip
			fi
		fi;
done:		skip
	:: executes == id && !softirq[id] ->
		/* The vCPU's kernel: takes what is pending, or blocks (vcpu_block()). */
		if
		:: pending -> pending = false
		:: else ->
			blocked = true;
#ifndef NO_RECHECK
			if
			:: pending -> blocked = false
			:: else -> softirq[id] = true
			fi
#else
			softirq[id] = true
#endif
		fi
	/* A CPU without anything to do looks around. */
	:: curr[id] == 0 && queued && !softirq[id] -> softirq[id] = true
	/* The end of its slice. Not for ever before it has done anything: that would be no scheduler's fault. */
	:: executes == id && !softirq[id] && slices < SLICES -> slices++; softirq[id] = true
	od
}

init {
	atomic {
		blocked = true;
		run cpu(0); run cpu(1);
		run sender(); run sender()
	}
}

/* What was made pending is taken in the end, if each process that can go on does so. */
ltl woken { [] (pending -> <> !pending) }
