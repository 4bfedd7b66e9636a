/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The connection between the two ends of a device: doc/drivers.md, "Connection". All calls are in control context. */
#ifndef PVD_CONN_H
#define PVD_CONN_H

#include "os.h"

/* The published states: those of xen/io/xenbus.h. */
enum pvd_state {
	PVD_UNKNOWN, PVD_INITIALISING, PVD_INITWAIT, PVD_INITIALISED, PVD_CONNECTED, PVD_CLOSING, PVD_CLOSED,
	PVD_RECONFIGURING, PVD_RECONFIGURED,
};

enum pvd_role { PVD_FRONT, PVD_BACK };

enum pvd_phase {
	PVD_PH_INIT,		/* waits for the peer */
	PVD_PH_RESET,		/* front: the back end serves a predecessor; Closing is said */
	PVD_PH_RESET2,		/* front: and Closed */
	PVD_PH_OFFERED,		/* front: rings are published; back: features are, it waits for rings and for what is behind it */
	PVD_PH_UP,
	PVD_PH_CLOSING,
	PVD_PH_CLOSED,		/* a back end may start again, a front end does not */
	PVD_PH_FAILED,		/* by an error of the peer, or one of ours */
	PVD_PH_DEAD,		/* does not start again */
	PVD_PH_COUNT
};

/*
 * What a device class does. Where an int is returned, a negative one fails the device (drop() is called). offer() is not called
 * twice without lose() or drop() in between, connect() only after offer(), update() only after connect(). lose() and drop()
 * may be called at any time.
 */
struct pvd_class {
	const char *name;
	uint8_t offered;			/* the state by which a front end says that its rings are published */
	int (*offer)(struct pvd_dev *dev);	/* front: negotiate, make and publish rings; back: publish features */
	int (*connect)(struct pvd_dev *dev);	/* front: read properties, start; back: attach rings, publish properties */
	int (*update)(struct pvd_dev *dev);	/* the peer said its state again */
	bool (*keeps)(struct pvd_dev *dev);	/* front: a back end that begins can take up the rings as they are; NULL: none can */
	void (*lose)(struct pvd_dev *dev);	/* free what is connected, keep what is unanswered */
	bool (*close)(struct pvd_dev *dev);	/* front: the back end asks; true: at once, else pvd_conn_idle() is to follow */
	void (*drop)(struct pvd_dev *dev);	/* as lose(), but fail what is unanswered; a front end keeps what the peer has mapped */
	void (*release)(struct pvd_dev *dev);	/* front: and frees that, too; at any time after drop() */
	int (*withdraw)(struct pvd_dev *dev);	/* removes all nodes that were, or may have been, published; after drop() */
};

struct pvd_conn {
	uint8_t role, phase;
	uint8_t peer;			/* its state, as last seen */
	bool held;			/* front: release() is to follow */
	bool ready;			/* back: what is behind the device is there; it is offered before */
	bool reconfigured;		/* back: says so, until the front end is connected again */
	uint32_t losses;		/* back ends lost since the last response */
};

struct pvd_dev {
	const struct pvd_class *class;
	struct pvd_conn conn;
	uint32_t faults;		/* wrong things that the peer did */
	void *os;
};

/* Before anything else; *dev is zeroed but for dev->os. */
void pvd_conn_init(struct pvd_dev *dev, const struct pvd_class *class, enum pvd_role role);

/* The peer's state is this; to be called at each sign of it, also if it is the same as before. Others than ours are ignored. */
void pvd_conn_peer(struct pvd_dev *dev, uint32_t state);

/* Back: disk or interface is there. Tools make it known only after the back end has offered its features. */
void pvd_conn_ready(struct pvd_dev *dev);

/* Front: nobody uses the device; a closing one closes. */
void pvd_conn_idle(struct pvd_dev *dev);

/* Front: the domain was suspended and runs again, perhaps elsewhere. pvd_conn_peer() is to follow. */
void pvd_conn_resume(struct pvd_dev *dev);

/* The device cannot go on. */
void pvd_conn_fail(struct pvd_dev *dev);

/* The device goes away; nothing is published. A front end's pages stay, if the peer may have them mapped: dev->conn.held. */
void pvd_conn_remove(struct pvd_dev *dev);

/* Front, after pvd_conn_remove(): nothing is kept any more, whatever the peer does. */
void pvd_conn_release(struct pvd_dev *dev);

/*
 * After pvd_conn_release(), which is to be after the back end has closed: the device is another driver's now, if it stays, and like a new one.
 * Nothing is left in its directory that this one has published, since whoever comes next need not know of it, and its peer would take it for
 * what that one says. A front end's state is Initialising then, so that the back end begins anew, and Closed if the device goes away.
 */
void pvd_conn_withdraw(struct pvd_dev *dev);

/* Has a back end of this state let go of all that it had mapped? */
bool pvd_conn_lets_go(uint32_t state);

/* The state that is published in a phase. */
uint32_t pvd_conn_state(const struct pvd_dev *dev);

#endif
