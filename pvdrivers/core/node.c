// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include "node.h"

#define NUMBER_TEXT	24

int pvd_parse_number(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;
	bool large = false;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++) {
		uint64_t digit = *text - '0';

		large |= n > (UINT64_MAX - digit) / 10;
		n = n * 10 + digit;
	}
	while (*text == ' ' || *text == '\t' || *text == '\n')
		text++;
	if (*text)
		return -EINVAL;
	if (large || n > max)
		return -ERANGE;
	*value = n;
	return 0;
}

int pvd_read_number(struct pvd_dev *dev, enum pvd_side side, const char *name, uint64_t max, uint64_t *value)
{
	char text[NUMBER_TEXT];
	int length = pvos_read(dev, side, name, text, sizeof(text));

	if (length < 0)
		return length == -E2BIG ? -EINVAL : length;
	return pvd_parse_number(text, max, value);
}

uint64_t pvd_read_default(struct pvd_dev *dev, enum pvd_side side, const char *name, uint64_t max, uint64_t otherwise)
{
	uint64_t value;
	int error = pvd_read_number(dev, side, name, max, &value);

	if (error == -ERANGE)
		return max;
	return error ? otherwise : value;
}

uint32_t pvd_read_queues(struct pvd_dev *dev, uint32_t max)
{
	uint64_t n = 1;
	int error = pvd_read_number(dev, PVD_PEER, "multi-queue-num-queues", max, &n);

	if ((error && error != -ENOENT) || !n) {
		pvos_report(dev, "an impossible number of queues");
		return 0;
	}
	return n;
}

int pvd_write_number(struct pvd_dev *dev, const char *name, uint64_t value)
{
	char text[NUMBER_TEXT];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return pvos_write(dev, name, text);
}

int pvd_remove_nodes(struct pvd_dev *dev, const char *const *names, uint32_t n)
{
	int error = 0;
	uint32_t i;

	for (i = 0; !error && i < n; i++)
		error = pvos_write(dev, names[i], NULL);
	return error;
}

int pvd_remove_queues(struct pvd_dev *dev, uint32_t n)
{
	char name[PVD_NODE_NAME];
	int error = 0;
	uint32_t i;

	for (i = 0; !error && i < n; i++) {
		snprintf(name, sizeof(name), "queue-%u", i);
		error = pvos_write(dev, name, NULL);
	}
	return error;
}

void pvd_node_name(char name[PVD_NODE_NAME], int queue, const char *base, int number)
{
	int n = 0;

	if (queue >= 0)
		n = snprintf(name, PVD_NODE_NAME, "queue-%d/", queue);
	if (number >= 0)
		snprintf(name + n, PVD_NODE_NAME - n, "%s%d", base, number);
	else
		snprintf(name + n, PVD_NODE_NAME - n, "%s", base);
}
