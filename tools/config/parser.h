/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that bison gives its types with a prefix, as flex expects them. */
#ifndef CONFIG_PARSER_H
#define CONFIG_PARSER_H

#define YYSTYPE CONFIG_YYSTYPE
#define YYLTYPE CONFIG_YYLTYPE

#include "lexer.h"
#include "parse.h"

#endif
