/* option.h: every field of the configuration file, one row each, one table per mapping.
 *
 * The tables drive loading (fill.c), suggestions for unknown keys, and what is generated from them:
 * the reference page and the JSON Schema. To add a field, add a row.
 *
 * Defaults  `initial` is the YAML text the loader converts when the field is absent; `default_note`
 *           describes a default that depends on other fields (derive.c, tuning.c). Neither: absent.
 * Walking   option_root() and the `level` of mapping rows, or option_visit for all in file order.
 */
#ifndef RIVET_CONFIG_OPTION_H
#define RIVET_CONFIG_OPTION_H

#include "config/word.h"

typedef enum OptionType {
    OPTION_BOOL,
    OPTION_INT,
    OPTION_TEXT,      /* numbers and booleans are taken as written */
    OPTION_SECRET,    /* text that no message may hold */
    OPTION_BYTE,      /* text of exactly one byte */
    OPTION_WORD,      /* one of `words` */
    OPTION_TEXT_LIST, /* a text or a list of texts */
    OPTION_WORD_LIST, /* a word or a list of words, kept as text */
    OPTION_RATIO_MAP, /* column → number */
    OPTION_TYPE_MAP,  /* column → type override */
    OPTION_MAPPING,   /* `level` describes its fields */
    OPTION_EXPORTS,   /* a list of mappings of `level` */
} OptionType;

typedef struct OptionLevel OptionLevel;

typedef struct Option {
    const char *name;
    OptionType type;
    bool is_required;
    bool is_optional_int;         /* stored as OptionalInt: int and word fields without `initial` */
    bool has_placeholders_inside; /* ${…} stays in the stored text; expanded when it is used */
    bool is_null_text;   /* a plain null, Null or NULL is that text; ~ and nothing mean absent */
    bool is_tuning_only; /* joins the misplaced-field check */
    Availability availability;
    size_t offset; /* into the struct the level fills; for the loader */
    const char *initial;
    const char *default_note;
    int64_t min, max; /* OPTION_INT */
    const WordList *words;
    const OptionLevel *level;
    const char *help;
} Option;

struct OptionLevel {
    const char *name; /* "source.tls", "exports[].csv"; the root: "" */
    const Option *options;
    size_t count;
};

const OptionLevel *option_root(void);
const Option *option_find(const OptionLevel *level, const char *name); /* NULL: unknown */
const OptionLevel *option_tuning_level(void);

/* Each option of every level, parents before children, in table order. `level` tells where a
 * shared table (tuning) stands. The visitor returns false to stop. */
typedef bool (*OptionVisitor)(void *context, const char *path, const Option *option);
void option_visit(OptionVisitor visitor, void *context);

/* "text", "whole number", "true or false", …: the type as the reference page names it. */
const char *option_type_name(OptionType type);

#endif
