// SPDX-License-Identifier: GPL-2.0-or-later
/* Compares a guest's configuration with what is known of each key (key_table.c). */
#include "keys.h"

#include <string.h>

#include "device.h"

#define CPUS_MAX 4096

enum { N = 1 << CONFIG_NUMBER, S = 1 << CONFIG_STRING, L = 1 << CONFIG_LIST };

static const struct config_key *key_find(const char *name)
{
	const struct config_key *key = config_keys;

	while (key->name && strcmp(key->name, name))
		key++;
	return key->name ? key : NULL;
}

/* The known key that differs in one place or by a missing or additional character: what may have been meant. */
static bool is_near(const char *a, const char *b)
{
	size_t same = 0, tail = 0, a_size = strlen(a), b_size = strlen(b), longer = a_size > b_size ? a_size : b_size;

	while (a[same] && a[same] == b[same])
		same++;
	while (tail < a_size - same && tail < b_size - same && a[a_size - 1 - tail] == b[b_size - 1 - tail])
		tail++;
	return longer > 2 && same + tail + 1 >= longer;
}

static void check_unknown(struct config *config, const struct config_setting *setting)
{
	const char *meant = NULL;

	for (const struct config_key *key = config_keys; key->name && !meant; key++)
		if (is_near(key->name, setting->name))
			meant = key->name;
	if (meant)
		config_complain(config, CONFIG_WARNING, setting->place, "no key has the name %s: is %s meant?", setting->name,
				meant);
	else
		config_complain(config, CONFIG_WARNING, setting->place, "no key has the name %s: it is not used", setting->name);
}

static bool is_word(const char *words, const char *word)
{
	size_t size = strlen(word);
	const char *at = words;

	while (size && (at = strstr(at, word))) {
		if ((at == words || at[-1] == ' ') && (!at[size] || at[size] == ' '))
			return true;
		at += size;
	}
	return false;
}

static void complain_of_kind(struct config *config, const struct config_value *value, const struct config_key *key)
{
	config_complain(config, CONFIG_ERROR, value->place, "%s is %s%s%s%s%s", key->name, key->kinds & N ? "a number" : "",
			(key->kinds & N) && (key->kinds & (S | L)) ? " or " : "", key->kinds & S ? "a string" : "",
			(key->kinds & S) && (key->kinds & L) ? " or " : "", key->kinds & L ? "a list" : "");
}

static void check_used(struct config *config, const struct config_value *value, const struct config_key *key)
{
	if (!(key->kinds & 1 << value->kind))
		complain_of_kind(config, value, key);
	else if (value->kind == CONFIG_NUMBER && (value->number < key->least || value->number > key->most))
		config_complain(config, CONFIG_ERROR, value->place, "%s is a number from %lld to %lld, not %lld", key->name,
				key->least, key->most, value->number);
	else if (value->kind == CONFIG_STRING && key->words && !is_word(key->words, value->string))
		config_complain(config, CONFIG_ERROR, value->place, "%s is one of %s, not '%.40s'", key->name, key->words,
				value->string);
}

/* Does the value ask for something? "none", 0 and empty lists are in many files, and ask for nothing. */
static bool is_wish(const struct config_value *value)
{
	switch (value->kind) {
	case CONFIG_NUMBER:
		return value->number != 0;
	case CONFIG_STRING:
		return value->string[0] && strcmp(value->string, "none") && strcmp(value->string, "disabled");
	default:
		return value->count != 0;
	}
}

static void check_known(struct config *config, const struct config_value *value, const struct config_key *key)
{
	if (key->state == CONFIG_KEY_USED)
		check_used(config, value, key);
	else if (is_wish(value) && key->state == CONFIG_KEY_REFUSED)
		config_complain(config, CONFIG_ERROR, value->place, "%s is not supported: %s", key->name, key->why);
	else if (is_wish(value))
		config_complain(config, CONFIG_WARNING, value->place, "%s has no effect: %s", key->name, key->why);
}

/* ---- values with a syntax of their own ---- */

/* A fault stands behind the text's quote; escapes in front of it would shift it, and hardly anybody has any. */
static void complain_of_fault(struct config *config, const struct config_value *value, const struct config_fault *fault)
{
	struct config_place place = value->place;

	place.column += fault->offset + 1;
	config_complain(config, CONFIG_ERROR, place, "%s", fault->text);
}

static void check_disk(struct config *config, const struct config_value *item)
{
	struct config_fault fault;
	struct config_disk disk;

	if (config_disk_parse(&disk, item->string, &fault))
		config_disk_clear(&disk);
	else
		complain_of_fault(config, item, &fault);
}

static void check_vif(struct config *config, const struct config_value *item)
{
	struct config_fault fault;
	struct config_vif vif;

	if (config_vif_parse(&vif, item->string, &fault))
		config_vif_clear(&vif);
	else
		complain_of_fault(config, item, &fault);
}

static void check_vfb(struct config *config, const struct config_value *item)
{
	struct config_fault fault;
	struct config_vfb vfb;

	if (config_vfb_parse(&vfb, item->string, &fault))
		config_vfb_clear(&vfb);
	else
		complain_of_fault(config, item, &fault);
}

static void check_cpus(struct config *config, const struct config_value *item)
{
	struct config_fault fault;
	uint8_t bits[CPUS_MAX / 8];

	if (!config_cpus_parse(item->string, CPUS_MAX, NULL, bits, &fault))
		complain_of_fault(config, item, &fault);
}

/* Each string of a key: alone, or in a list. @numbers: may those be items too? */
static void check_items(struct config *config, const char *key, bool numbers,
			void (*check)(struct config *config, const struct config_value *item))
{
	const struct config_value *value = config_get(config, key);

	if (value && value->kind == CONFIG_STRING)
		check(config, value);
	for (size_t i = 0; value && value->kind == CONFIG_LIST && i < value->count; i++)
		if (value->items[i]->kind == CONFIG_STRING)
			check(config, value->items[i]);
		else if (value->items[i]->kind == CONFIG_LIST || !numbers)
			config_complain(config, CONFIG_ERROR, value->items[i]->place, "an item of %s is a string%s", key,
					numbers ? " or a number" : "");
}

void config_check(struct config *config)
{
	for (const struct config_setting *setting = config->settings; setting; setting = setting->next) {
		const struct config_key *key = key_find(setting->name);

		if (key)
			check_known(config, setting->value, key);
		else
			check_unknown(config, setting);
	}
	check_items(config, "disk", false, check_disk);
	check_items(config, "vif", false, check_vif);
	check_items(config, "vfb", false, check_vfb);
	check_items(config, "cpus", true, check_cpus);
	check_items(config, "cpus_soft", true, check_cpus);
}
