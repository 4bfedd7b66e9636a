/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Values of a front end's node "protocol": how structures are laid out in its rings. */
#ifndef XEN_IO_PROTOCOLS_H
#define XEN_IO_PROTOCOLS_H

#define XEN_IO_PROTO_ABI_X86_32	"x86_32-abi"
#define XEN_IO_PROTO_ABI_X86_64	"x86_64-abi"
#define XEN_IO_PROTO_ABI_ARM	"arm-abi"

#if defined(__x86_64__)
#define XEN_IO_PROTO_ABI_NATIVE	XEN_IO_PROTO_ABI_X86_64
#elif defined(__i386__)
#define XEN_IO_PROTO_ABI_NATIVE	XEN_IO_PROTO_ABI_X86_32
#elif defined(__arm__) || defined(__aarch64__)
#define XEN_IO_PROTO_ABI_NATIVE	XEN_IO_PROTO_ABI_ARM
#endif

#endif
