/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar of a configuration file. */
%require "3.6"
%define api.pure full
%define api.prefix {config_yy}
%define parse.error verbose
%locations
%parse-param { struct lexer *lexer } { void *scanner }
%lex-param { void *scanner }

%code requires {
#include "lexer.h"
}

%code {
#include "alloc.h"

#define NESTING_MAX 8

static struct config_place place_of(const YYLTYPE *place);
static void config_yyerror(const YYLTYPE *place, struct lexer *lexer, void *scanner, const char *text);
}

%code provides {
int config_yylex(CONFIG_YYSTYPE *value, CONFIG_YYLTYPE *place, void *scanner);
}

%union {
	char *string;
	long long number;
	struct config_value *value;
}

%token NEWLINE "end of line"
%token APPEND "+="
%token WRONG "something wrong"
%token <string> NAME "name" STRING "string"
%token <number> NUMBER "number"
%type <value> value atom list items
%destructor { free($$); } <string>
%destructor { config_value_free($$); } <value>

%%

file:
	%empty
|	file line
;

line:
	end
|	setting end
	/* Bison counts errors, which nobody asks for: clang 15 and later tell of a variable that is not used. */
|	error end		{ yyerrok; (void)yynerrs; lexer->depth = 0; }
;

end:
	NEWLINE
|	';'
;

setting:
	NAME '=' value		{ config_set(lexer->config, $1, place_of(&@1), $3, false); }
|	NAME APPEND value	{ config_set(lexer->config, $1, place_of(&@1), $3, true); }
;

value:
	atom
|	list
;

atom:
	NUMBER			{ $$ = config_value_new(CONFIG_NUMBER, place_of(&@1)); $$->number = $1; }
|	STRING			{ $$ = config_value_new(CONFIG_STRING, place_of(&@1)); $$->string = $1; }
;

list:
	'[' ']'			{ $$ = config_value_new(CONFIG_LIST, place_of(&@1)); }
|	'[' items ']'		{ $$ = $2; $$->place = place_of(&@1); }
|	'[' items ',' ']'	{ $$ = $2; $$->place = place_of(&@1); }
;

items:
	value			{
					$$ = config_value_new(CONFIG_LIST, place_of(&@1));
					config_list_add($$, $1);
					if (lexer->depth > NESTING_MAX) {
						config_complain(lexer->config, CONFIG_ERROR, place_of(&@1),
								"lists in lists, more than %d deep", NESTING_MAX);
						YYERROR;
					}
				}
|	items ',' value		{ $$ = $1; config_list_add($$, $3); }
;

%%

static struct config_place place_of(const YYLTYPE *place)
{
	return (struct config_place){ place->first_line, place->first_column };
}

/* A word that the scanner complained of is not complained of again. */
static void config_yyerror(const YYLTYPE *place, struct lexer *lexer, void *scanner, const char *text)
{
	if (!lexer->complained)
		config_complain(lexer->config, CONFIG_ERROR, place_of(place), "%s", text);
	lexer->complained = false;
}
