// SPDX-License-Identifier: GPL-2.0-or-later
/* Starts scanner and grammar on a text. */
#include "parser.h"

#include "alloc.h"

/* What flex makes; its header would declare much more. */
struct yy_buffer_state;
int config_yylex_init_extra(struct lexer *lexer, void **scanner);
struct yy_buffer_state *config_yy_scan_bytes(const char *text, int size, void *scanner);
void config_yy_delete_buffer(struct yy_buffer_state *buffer, void *scanner);
int config_yylex_destroy(void *scanner);

struct config *config_parse(const char *name, const char *text, size_t size, config_report *report, void *arg)
{
	struct config *config = xzalloc(sizeof(*config));
	struct lexer lexer = { .config = config, .line = 1, .column = 1 };
	struct yy_buffer_state *buffer;
	void *scanner;

	config->file = xstrdup(name);
	config->report = report;
	config->report_arg = arg;
	if (config_yylex_init_extra(&lexer, &scanner))
		log_fatal("out of memory");
	buffer = config_yy_scan_bytes(text, size, scanner);
	if (config_yyparse(&lexer, scanner) && !config->errors)
		config_complain(config, CONFIG_ERROR, (struct config_place){ lexer.line, lexer.column }, "too deep for the parser");
	config_yy_delete_buffer(buffer, scanner);
	config_yylex_destroy(scanner);
	return config;
}
