// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PREFIX		"kernel-"
#define ENTRIES_MAX	4
#define ROOM_FACTOR	4	/* so many times its size must be free on the disk before an entry is made */
#define PAGE		4096
#define CHUNK		16384

/* The first page of an entry. Host's byte order: nobody else reads it. */
struct header {
	char magic[16];
	uint64_t packed_size, elf_start, elf_size;
};

static const char magic[16] = "tenon kernel 1";
static const struct cache_entry none = { .fd = -1 };

static bool is_ours(const struct stat *status)
{
	return status->st_uid == geteuid() && !(status->st_mode & (S_IWGRP | S_IWOTH));
}

void cache_open(struct cache *cache, const char *path)
{
	struct stat status;

	*cache = (struct cache){ .is_open = false };
	if (!path || (mkdir(path, 0700) && errno != EEXIST))
		return;
	cache->dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	cache->is_open = cache->dir >= 0;
	if (cache->is_open && (fstat(cache->dir, &status) || !is_ours(&status)))
		cache_close(cache);
}

void cache_close(struct cache *cache)
{
	if (cache->is_open)
		close(cache->dir);
	cache->is_open = false;
}

static bool read_all(int fd, void *to, size_t size, uint64_t offset)
{
	for (char *at = to; size;) {
		ssize_t got = pread(fd, at, size, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		offset += got;
		size -= got;
	}
	return true;
}

static bool write_all(int fd, const void *from, size_t size, uint64_t offset)
{
	for (const char *at = from; size;) {
		ssize_t put = pwrite(fd, at, size, offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		offset += put;
		size -= put;
	}
	return true;
}

static uint64_t elf_start(size_t packed_size)
{
	return PAGE + (packed_size + PAGE - 1) / PAGE * PAGE;
}

static bool is_equal(int fd, const char *packed, size_t size)
{
	char chunk[CHUNK];

	for (size_t at = 0; at < size; at += CHUNK) {
		size_t part = size - at < CHUNK ? size - at : CHUNK;

		if (!read_all(fd, chunk, part, PAGE + at) || memcmp(chunk, packed + at, part))
			return false;
	}
	return true;
}

static bool is_good(int fd, const struct header *header, const void *packed, size_t size)
{
	struct stat status;

	return !fstat(fd, &status) && S_ISREG(status.st_mode) && is_ours(&status) &&
	       !memcmp(header->magic, magic, sizeof(magic)) && header->packed_size == size &&
	       header->elf_start == elf_start(size) && header->elf_size &&
	       header->elf_size == (uint64_t)status.st_size - header->elf_start && is_equal(fd, packed, size);
}

struct cache_entry cache_find(struct cache *cache, const void *packed, size_t size)
{
	struct header header;
	int fd;

	if (!cache->is_open)
		return none;
	snprintf(cache->name, sizeof(cache->name), PREFIX "%016llx", (unsigned long long)lzma_crc64(packed, size, 0));
	fd = openat(cache->dir, cache->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return none;
	if (!read_all(fd, &header, sizeof(header), 0) || !is_good(fd, &header, packed, size)) {
		close(fd);
		return none;
	}
	futimens(fd, NULL);
	return (struct cache_entry){ fd, header.elf_start, header.elf_size };
}

struct cache_entry cache_begin(struct cache *cache, const void *packed, size_t size)
{
	struct cache_entry entry = none;

	if (!cache->is_open)
		return none;
	entry.fd = openat(cache->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (entry.fd < 0)
		return none;
	entry.start = elf_start(size);
	if (write_all(entry.fd, packed, size, PAGE))
		return entry;
	close(entry.fd);
	return none;
}

static bool has_room(int fd, uint64_t size)
{
	struct statvfs fs;

	return !fstatvfs(fd, &fs) && fs.f_bavail * (uint64_t)fs.f_frsize / ROOM_FACTOR > size;
}

bool cache_add(struct cache *cache, struct cache_entry *entry, const void *elf, size_t size)
{
	struct header header = { .packed_size = 0, .elf_start = entry->start, .elf_size = size };
	struct stat status;

	memcpy(header.magic, magic, sizeof(magic));
	if (fstat(entry->fd, &status) || !has_room(entry->fd, status.st_size + size))
		return false;
	header.packed_size = status.st_size - PAGE;
	entry->size = size;
	cache->fresh = write_all(entry->fd, elf, size, entry->start) && write_all(entry->fd, &header, sizeof(header), 0);
	return cache->fresh;
}

/* How many entries there are, and the one that was not used for longest. */
static unsigned int look_through(int dir_fd, char oldest[256])
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct timespec least = { 0 };
	unsigned int count = 0;
	struct dirent *entry;
	struct stat status;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) || fstatat(dir_fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW))
			continue;
		if (!count++ || status.st_mtim.tv_sec < least.tv_sec ||
		    (status.st_mtim.tv_sec == least.tv_sec && status.st_mtim.tv_nsec < least.tv_nsec)) {
			least = status.st_mtim;
			snprintf(oldest, 256, "%s", entry->d_name);
		}
	}
	closedir(dir);
	return count;
}

void cache_keep(struct cache *cache, int fd)
{
	char path[32], oldest[256];

	if (!cache->fresh)
		return;
	cache->fresh = false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fdatasync(fd))
		return;
	/* What has the name is broken, or of another kernel with that checksum, or just as good. */
	unlinkat(cache->dir, cache->name, 0);
	if (linkat(AT_FDCWD, path, cache->dir, cache->name, AT_SYMLINK_FOLLOW))
		return;
	while (look_through(cache->dir, oldest) > ENTRIES_MAX)
		if (unlinkat(cache->dir, oldest, 0))
			return;
}
