/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a framebuffer's viewers see. The VNC server of QEMU 10.0 stays with the console that there is when it starts: none, since a
 * framebuffer's comes when the guest's front end connects. It changes over to it where a viewer presses Ctrl, Alt and 1; 7.2's, which
 * shows it by itself, takes the keys as well.
 */
#ifndef GUEST_VFB_SHOW_H
#define GUEST_VFB_SHOW_H

/*
 * For a guest that is complete; nothing, if it has no framebuffer. A process that goes on by itself waits until the guest's front end is
 * connected, has its QEMU show it, and ends; it ends with QEMU as well. @store: path of the store's socket, NULL: the usual one.
 */
void vfb_show(const char *uuid_text, const char *store);

#endif
