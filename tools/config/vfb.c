// SPDX-License-Identifier: GPL-2.0-or-later
/* Framebuffers: KEY=VALUE,... */
#include "device.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "alloc.h"

struct parse {
	struct config_vfb *vfb;
	const char *whole;
	struct config_fault *fault;
	bool display_set;
};

static int flag_value(struct parse *parse, const struct config_field *field, const char *key)
{
	static const char *const words[] = { "0", "1", NULL };

	return config_choose(key, words, field->value, field->value_size, parse->whole, parse->fault);
}

static bool set_display(struct parse *parse, const char *key, const char *text, size_t size)
{
	unsigned int value = 0;
	bool good = size;

	for (size_t i = 0; i < size && good; i++) {
		good = isdigit((unsigned char)text[i]);
		value = value * 10 + (text[i] - '0');
		good = good && value <= CONFIG_VFB_DISPLAY_MAX;
	}
	if (!good)
		return config_fault_at(parse->fault, parse->whole, text, "%s is a number from 0 to %d, not '%.*s'", key,
				       CONFIG_VFB_DISPLAY_MAX, size < 40 ? (int)size : 40, text);
	if (parse->display_set && value != parse->vfb->display)
		return config_fault_at(parse->fault, parse->whole, text, "two displays are named, %u and %u", parse->vfb->display, value);
	parse->display_set = true;
	parse->vfb->display = value;
	return true;
}

static bool is_host(const char *text)
{
	struct in6_addr six;

	if (inet_pton(AF_INET6, text, &six) == 1)
		return true;
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == strlen(text) && *text != '-';
}

/* ADDRESS, ADDRESS:DISPLAY, [ADDRESS]:DISPLAY; an address of IPv6 with a display has brackets. */
static bool set_listen(struct parse *parse, const struct config_field *field)
{
	const char *text = field->value, *end = text + field->value_size, *colon = memchr(text, ':', field->value_size);
	const char *bracket = field->value_size && *text == '[' ? memchr(text, ']', field->value_size) : NULL;
	const char *host = bracket ? text + 1 : text, *host_end = end;

	if (bracket) {
		host_end = bracket;
		colon = bracket + 1 < end ? bracket + 1 : NULL;
	} else if (colon && memchr(colon + 1, ':', end - colon - 1)) {
		colon = NULL;
	} else if (colon) {
		host_end = colon;
	}
	if (!config_take(&parse->vfb->listen, "vnclisten", host, host_end - host, parse->whole, parse->fault))
		return false;
	if ((colon && *colon != ':') || !is_host(parse->vfb->listen))
		return config_fault_at(parse->fault, parse->whole, text,
				       "vnclisten is ADDRESS or ADDRESS:DISPLAY of this host, as 127.0.0.1 or [::1]:3, not '%.*s'",
				       field->value_size < 60 ? (int)field->value_size : 60, text);
	return !colon || set_display(parse, "the display in vnclisten", colon + 1, end - colon - 1);
}

static bool set_keymap(struct parse *parse, const struct config_field *field)
{
	for (size_t i = 0; i < field->value_size; i++)
		if (!isalnum((unsigned char)field->value[i]) && field->value[i] != '-')
			return config_fault_at(parse->fault, parse->whole, field->value, "keymap is a name as en-us or de, not '%.*s'",
					       field->value_size < 40 ? (int)field->value_size : 40, field->value);
	return config_take(&parse->vfb->keymap, "keymap", field->value, field->value_size, parse->whole, parse->fault);
}

/* What a window on this host's own screen would need. */
static bool parse_window(struct parse *parse, const struct config_field *field)
{
	int value;

	if (config_field_is(field, "display") || config_field_is(field, "xauthority"))
		return true;
	value = flag_value(parse, field, config_field_is(field, "sdl") ? "sdl" : "opengl");
	if (value == 1 && config_field_is(field, "sdl"))
		return config_fault_at(parse->fault, parse->whole, field->value,
				       "sdl=1: there is no window on this host's screen; the framebuffer is seen by VNC");
	return value >= 0;
}

static bool parse_field(struct parse *parse, const struct config_field *field)
{
	struct config_vfb *vfb = parse->vfb;
	int value;

	if (!field->size)
		return true;
	if (!field->value)
		return config_fault_at(parse->fault, parse->whole, field->begin, "a vfb is KEY=VALUE,..., not '%.*s'",
				       field->size < 40 ? (int)field->size : 40, field->begin);
	if (config_field_is(field, "vnc")) {
		value = flag_value(parse, field, "vnc");
		return value ? value > 0 : config_fault_at(parse->fault, parse->whole, field->value,
							   "vnc=0: nobody could see the framebuffer");
	}
	if (config_field_is(field, "vncunused")) {
		value = flag_value(parse, field, "vncunused");
		vfb->unused = value > 0;
		return value >= 0;
	}
	if (config_field_is(field, "vnclisten"))
		return set_listen(parse, field);
	if (config_field_is(field, "vncdisplay"))
		return set_display(parse, "vncdisplay", field->value, field->value_size);
	if (config_field_is(field, "vncpasswd"))
		return config_take(&vfb->password, "vncpasswd", field->value, field->value_size, parse->whole, parse->fault);
	if (config_field_is(field, "keymap"))
		return set_keymap(parse, field);
	if (config_field_is(field, "sdl") || config_field_is(field, "opengl") || config_field_is(field, "display") ||
	    config_field_is(field, "xauthority"))
		return parse_window(parse, field);
	return config_fault_at(parse->fault, parse->whole, field->begin, "a vfb has no key %.*s",
			       field->key_size < 40 ? (int)field->key_size : 40, field->begin);
}

bool config_vfb_parse(struct config_vfb *vfb, const char *text, struct config_fault *fault)
{
	struct parse parse = { .vfb = vfb, .whole = text, .fault = fault };
	struct config_field field;
	const char *at = text;

	*vfb = (struct config_vfb){ .unused = true };
	while (config_field_next(&at, &field))
		if (!parse_field(&parse, &field)) {
			config_vfb_clear(vfb);
			return false;
		}
	return true;
}

void config_vfb_clear(struct config_vfb *vfb)
{
	free(vfb->listen);
	free(vfb->password);
	free(vfb->keymap);
	*vfb = (struct config_vfb){ .unused = true };
}
