/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug keys: those pressed before the first is handled are all handled, each once. */
#include <string.h>
#include <asm/fake.h>
#include <tenon/keyhandler.h>
#include "../lib/tap.h"

static char handled[16];

static void handler(unsigned char key)
{
	handled[strlen(handled)] = (char)key;
}

int main(void)
{
	fake_start(1);
	for (const char *key = "\x7fmqz"; *key; key++)
		keyhandler_register((unsigned char)*key, handler, "a test");
	keyhandler_press('q');
	ok(!*handled, "not yet");
	keyhandler_press('m');
	keyhandler_press(0x7f);
	keyhandler_press('q');
	fake_settle();
	ok(!strcmp(handled, "mq\x7f"), "all keys pressed, in the order of their codes");
	fake_settle();
	ok(strlen(handled) == 3, "once");
	keyhandler_press('x');
	keyhandler_press(0x80);
	keyhandler_press(0xff);
	fake_settle();
	ok(strlen(handled) == 3, "keys that nobody has registered, and those that do not exist");
	keyhandler_press('z');
	fake_settle();
	ok(!strcmp(handled, "mq\x7fz"), "another later");
	return tap_end();
}
