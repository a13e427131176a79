/* word.h: the fixed words of the configuration and the enum values they stand for. */
#ifndef RIVET_CONFIG_WORD_H
#define RIVET_CONFIG_WORD_H

#include "config/config.h"

typedef enum Availability {
    AVAILABLE,
    AVAILABLE_LATER, /* known, but using it is an error in this version */
} Availability;

typedef struct Word {
    const char *text;
    unsigned value; /* of the enum; several words may share one */
    Availability availability;
} Word;

typedef struct WordList {
    const Word *words;
    size_t count;
    bool ignores_case;
} WordList;

extern const WordList SOURCE_KIND_WORDS;
extern const WordList EXPORT_MODE_WORDS;
extern const WordList FORMAT_WORDS;
extern const WordList COMPRESSION_WORDS;
extern const WordList DESTINATION_KIND_WORDS;
extern const WordList PROFILE_WORDS;
extern const WordList FETCH_WORDS;
extern const WordList CONSISTENCY_WORDS;
extern const WordList TYPES_WORDS;
extern const WordList TARGET_WORDS;
extern const WordList INFINITY_WORDS;
extern const WordList NULL_POLICY_WORDS;
extern const WordList UTF8_WORDS;
extern const WordList CURSOR_NULLS_WORDS;
extern const WordList CHUNK_BY_WORDS;
extern const WordList RESUME_WORDS;
extern const WordList TIME_COLUMN_WORDS;
extern const WordList DRIFT_WORDS;
extern const WordList TLS_WORDS;
extern const WordList TINYINT1_WORDS;
extern const WordList CSV_QUOTE_WORDS;
extern const WordList ENCODING_WORDS;
extern const WordList GRANULARITY_WORDS;
extern const WordList NOTIFY_WORDS; /* the events of `on`; kept as text */

const Word *word_find(const WordList *list, const char *text);  /* NULL: no such word */
const char *word_of(const WordList *list, unsigned value);      /* the first word of a value */
const char *word_list_text(const WordList *list, Arena *arena); /* "a, b, c" */

#endif
