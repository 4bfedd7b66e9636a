/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the scanner and the grammar. */
#ifndef CONFIG_LEXER_H
#define CONFIG_LEXER_H

#include "config.h"

struct lexer {
	struct config *config;
	int line, column;
	unsigned int depth;	/* of brackets */
	bool ended;		/* the line's end that the file's end counts as was given */
	bool complained;	/* of the word that the grammar sees next */
};

struct YYLTYPE;

#define lexer_complain(lexer, place, ...) do { \
	(lexer)->complained = true; \
	config_complain((lexer)->config, CONFIG_ERROR, \
			(struct config_place){ (place)->first_line, (place)->first_column }, __VA_ARGS__); \
} while (0)

#endif
