/* types.h: MySQL's types to logical ones and to decoders. Source: spec types §2, §3. */
#ifndef RIVET_SOURCE_MYSQL_TYPES_H
#define RIVET_SOURCE_MYSQL_TYPES_H

#include "source/mysql/wire.h"

/* A described column. */
typedef struct MyColumn {
    const MYSQL_FIELD *described;
    bool is_json; /* MariaDB's alias of LONGTEXT */
} MyColumn;

/* Chooses decoder and type of one column, overrides included. name lies in the arena, like
 * everything that field and schema point to. *warning: a sentence, or NULL. */
MUST_USE bool my_choose_field(const MyColumn *column, const char *name, const TypeRules *rules,
                              Arena *arena, MyField *field, ColumnSchema *schema,
                              const char **warning, Error *err);

/* "bigint unsigned", "decimal(12,2)", "varchar(100)" */
const char *my_type_name(const MyColumn *column, Arena *arena);

/* Digits of a DECIMAL, as its length in characters tells. */
int my_decimal_precision(const MYSQL_FIELD *described);

#endif
