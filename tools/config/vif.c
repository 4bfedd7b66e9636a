// SPDX-License-Identifier: GPL-2.0-or-later
/* Network devices: KEY=VALUE,... */
#include "device.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>

#include "alloc.h"

#define INTERVAL_DEFAULT_US 50000

struct parse {
	struct config_vif *vif;
	const char *whole;
	struct config_fault *fault;
};

/* ---- values; @text is a copy that ends with a zero, @at is where it stands in the whole ---- */

bool config_mac_parse(const char *text, uint8_t mac[6])
{
	for (int i = 0; i < 6; i++) {
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) || text[2] != (i < 5 ? ':' : '\0'))
			return false;
		mac[i] = strtoul((char[]){ text[0], text[1], '\0' }, NULL, 16);
		text += 3;
	}
	return !(mac[0] & 1) && (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]);
}

static bool set_mac(struct parse *parse, const char *text, const char *at)
{
	parse->vif->mac_set = true;
	if (!config_mac_parse(text, parse->vif->mac))
		return config_fault_at(parse->fault, parse->whole, at,
				       "mac is six pairs of hexadecimal digits as 00:16:3e:01:02:03, not of a group, not '%.40s'",
				       text);
	return true;
}

/* Digits alone, up to @most. */
static bool parse_number(const char **text, uint64_t most, uint64_t *out)
{
	uint64_t value = 0;
	const char *begin = *text;

	for (; isdigit((unsigned char)**text); ++*text) {
		value = value * 10 + (**text - '0');
		if (value > most)
			return false;
	}
	*out = value;
	return *text != begin;
}

static bool parse_interval(const char *text, uint32_t *us)
{
	uint64_t value, scale = 1;

	if (!parse_number(&text, UINT32_MAX, &value))
		return false;
	if (!strcmp(text, "ms"))
		scale = 1000;
	else if (!strcmp(text, "s"))
		scale = 1000000;
	else if (*text && strcmp(text, "us"))
		return false;
	if (!value || value * scale > UINT32_MAX)
		return false;
	*us = value * scale;
	return true;
}

/* 10Mb/s@20ms: bits or bytes (b, B), in thousands, millions or thousands of millions. */
static bool set_rate(struct parse *parse, const char *text, const char *at)
{
	struct config_vif *vif = parse->vif;
	const char *rest = text;
	uint64_t value, scale = 1, bytes;
	bool good = parse_number(&rest, UINT32_MAX, &value) && value;

	vif->rate_interval_us = INTERVAL_DEFAULT_US;
	if (good && *rest && strchr("KMG", *rest)) {
		scale = *rest == 'K' ? 1000 : *rest == 'M' ? 1000000 : 1000000000;
		rest++;
	}
	good = good && (*rest == 'b' || *rest == 'B') && !strncmp(rest + 1, "/s", 2);
	if (good) {
		bytes = value * scale / (*rest == 'b' ? 8 : 1);
		rest += 3;
		good = !*rest || (*rest == '@' && parse_interval(rest + 1, &vif->rate_interval_us));
	}
	if (!good)
		return config_fault_at(parse->fault, parse->whole, at,
				       "rate is as 10Mb/s or 250KB/s@20ms, with G, M, K or none and us, ms or s, not '%.40s'", text);
	/* bytes is below 2^62 and the interval below 2^32: 128 bits for the product. */
	bytes = (unsigned __int128)bytes * vif->rate_interval_us / 1000000;
	if (!bytes || bytes > UINT32_MAX)
		return config_fault_at(parse->fault, parse->whole, at,
				       "rate allows from 1 to 4294967295 bytes in each interval, not what '%.40s' makes", text);
	vif->rate_bytes = bytes;
	return true;
}

static bool is_address(const char *text)
{
	char address[64];
	const char *slash = strchr(text, '/');
	size_t size = slash ? (size_t)(slash - text) : strlen(text);
	struct in6_addr six;
	uint64_t length = 0;
	int family;

	if (size >= sizeof(address))
		return false;
	memcpy(address, text, size);
	address[size] = '\0';
	family = strchr(address, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, address, &six) != 1)
		return false;
	if (!slash)
		return true;
	slash++;
	return parse_number(&slash, family == AF_INET ? 32 : 128, &length) && !*slash;
}

static bool set_addresses(struct parse *parse, const char *text, const char *at)
{
	struct config_vif *vif = parse->vif;

	for (const char *here = text + strspn(text, " \t"); *here; here += strspn(here, " \t")) {
		size_t size = strcspn(here, " \t");
		char *address = xmalloc(size + 1);

		memcpy(address, here, size);
		address[size] = '\0';
		if (vif->address_count == CONFIG_VIF_ADDRESSES_MAX || !is_address(address)) {
			config_fault_at(parse->fault, parse->whole, at + (here - text),
					vif->address_count == CONFIG_VIF_ADDRESSES_MAX ? "more than %d addresses" :
					"ip is up to %d addresses, of IPv4 or IPv6, perhaps with /LENGTH, not '%.40s'",
					CONFIG_VIF_ADDRESSES_MAX, address);
			free(address);
			return false;
		}
		vif->address_count++;
		vif->addresses[vif->address_count - 1] = address;
		here += size;
	}
	return vif->address_count || config_fault_at(parse->fault, parse->whole, at, "ip needs an address");
}

static bool number_value(struct parse *parse, const char *key, const char *text, const char *at, unsigned int least,
			 unsigned int most, unsigned int *out)
{
	const char *rest = text;
	uint64_t value;

	if (!parse_number(&rest, most, &value) || *rest || value < least)
		return config_fault_at(parse->fault, parse->whole, at, "%s is a number from %u to %u, not '%.40s'", key, least,
				       most, text);
	*out = value;
	return true;
}

static bool interface_name(struct parse *parse, char **place, const char *key, const char *text, const char *at)
{
	size_t size = strlen(text);

	if (!size || size >= IFNAMSIZ || strpbrk(text, "/: \t") || !strcmp(text, ".") || !strcmp(text, ".."))
		return config_fault_at(parse->fault, parse->whole, at,
				       "%s is the name of a network device (1 to %d characters, no / : or blank), not '%.40s'", key,
				       IFNAMSIZ - 1, text);
	return config_take(place, key, text, size, text, parse->fault) || config_fault_at(parse->fault, parse->whole, at,
			   "%s comes twice", key);
}

static bool some_text(struct parse *parse, char **place, const char *key, const char *text, const char *at)
{
	if (!*text)
		return config_fault_at(parse->fault, parse->whole, at, "%s needs a value", key);
	return config_take(place, key, text, strlen(text), text, parse->fault) ||
	       config_fault_at(parse->fault, parse->whole, at, "%s comes twice", key);
}

static bool set_trusted(struct parse *parse, const char *text, const char *at)
{
	static const char *const words[] = { "0", "false", "1", "true", NULL };
	int which = config_choose("trusted", words, text, strlen(text), text, parse->fault);

	parse->vif->trusted_set = true;
	parse->vif->trusted = which >= 2;
	if (which < 0)
		parse->fault->offset = at - parse->whole;
	return which >= 0;
}

static bool set_type(struct parse *parse, const char *text, const char *at)
{
	if (!strcmp(text, "ioemu"))
		return config_fault_at(parse->fault, parse->whole, at,
				       "type=ioemu is a card that a device model plays: a PV guest has none");
	return !strcmp(text, "vif") || config_fault_at(parse->fault, parse->whole, at, "type is vif, not '%.40s'", text);
}

/* ---- fields ---- */

static bool parse_value(struct parse *parse, const struct config_field *field, const char *text)
{
	struct config_vif *vif = parse->vif;
	const char *at = field->value;
	unsigned int devid = 0;

	if (config_field_is(field, "mac"))
		return set_mac(parse, text, at);
	if (config_field_is(field, "bridge"))
		return interface_name(parse, &vif->bridge, "bridge", text, at);
	if (config_field_is(field, "gatewaydev") || config_field_is(field, "netdev"))
		return interface_name(parse, &vif->gatewaydev, "gatewaydev", text, at);
	if (config_field_is(field, "vifname"))
		return interface_name(parse, &vif->vifname, "vifname", text, at);
	if (config_field_is(field, "script"))
		return some_text(parse, &vif->script, "script", text, at);
	if (config_field_is(field, "backend"))
		return some_text(parse, &vif->backend, "backend", text, at);
	if (config_field_is(field, "ip"))
		return set_addresses(parse, text, at);
	if (config_field_is(field, "rate"))
		return set_rate(parse, text, at);
	if (config_field_is(field, "mtu"))
		return number_value(parse, "mtu", text, at, 68, 65535, &vif->mtu);
	if (config_field_is(field, "devid")) {
		if (!number_value(parse, "devid", text, at, 0, 65535, &devid))
			return false;
		vif->devid = devid;
		return true;
	}
	if (config_field_is(field, "trusted"))
		return set_trusted(parse, text, at);
	if (config_field_is(field, "type"))
		return set_type(parse, text, at);
	if (config_field_is(field, "model"))	/* of a card that a device model plays: xl.cfg files have it for PV guests too */
		return true;
	return config_fault_at(parse->fault, parse->whole, field->begin, "a vif has no key %.*s",
			       field->key_size < 40 ? (int)field->key_size : 40, field->begin);
}

static bool parse_field(struct parse *parse, const struct config_field *field)
{
	char *text = NULL;
	bool good;

	if (!field->size)
		return true;
	if (!field->value)
		return config_fault_at(parse->fault, parse->whole, field->begin, "a vif is KEY=VALUE,..., not '%.*s'",
				       field->size < 40 ? (int)field->size : 40, field->begin);
	config_take(&text, "", field->value, field->value_size, parse->whole, parse->fault);
	good = parse_value(parse, field, text);
	free(text);
	return good;
}

bool config_vif_parse(struct config_vif *vif, const char *text, struct config_fault *fault)
{
	struct parse parse = { .vif = vif, .whole = text, .fault = fault };
	struct config_field field;
	const char *at = text;

	*vif = (struct config_vif){ .devid = -1 };
	while (config_field_next(&at, &field))
		if (!parse_field(&parse, &field)) {
			config_vif_clear(vif);
			return false;
		}
	return true;
}

void config_vif_clear(struct config_vif *vif)
{
	free(vif->bridge);
	free(vif->gatewaydev);
	free(vif->script);
	free(vif->vifname);
	free(vif->backend);
	for (size_t i = 0; i < vif->address_count; i++)
		free(vif->addresses[i]);
	*vif = (struct config_vif){ .devid = -1 };
}
