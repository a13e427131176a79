# cmake -DHEADER=… -DSOURCE=… -DFILES=a.sql|b.sql -P embed_sql.cmake
#
# Turns SQL files into C: a file with "-- name: x" lines yields one constant SQL_X per name, a file
# without them (v1.sql) one constant SQL_SCRIPT_V1 for the whole. Comment lines are dropped.
set(longest 4095) # what ISO C promises for one string literal
set(ids "")
set(texts "")
set(names "")
string(REPLACE "|" ";" files "${FILES}")

macro(finish_statement)
    if(NOT name STREQUAL "")
        string(LENGTH "${text}" length)
        if(length GREATER longest)
            message(FATAL_ERROR "${file}: statement ${name} has ${length} characters, over ${longest}")
        endif()
        string(APPEND ids "    ${name},\n")
        string(REGEX REPLACE "^SQL_" "" words "${name}")
        string(REPLACE "_" " " words "${words}")
        string(TOLOWER "${words}" words)
        string(APPEND names "    [${name}] = \"${words}\",\n")
        string(APPEND texts "    [${name}] =\n${literal},\n")
    endif()
endmacro()

foreach(file ${files})
    file(READ "${file}" content)
    if(content MATCHES "[][@]") # would be read as list syntax below
        message(FATAL_ERROR "${file}: '[', ']' and '@' are not supported here")
    endif()
    string(REPLACE "\\" "\\\\" content "${content}")
    string(REPLACE "\"" "\\\"" content "${content}")
    # A list splits at ';', so it travels as a character SQL text never holds.
    string(REPLACE ";" "@semicolon@" content "${content}")
    string(REPLACE "\n" ";" lines "${content}")
    set(name "")
    set(text "")
    set(literal "")
    if(NOT content MATCHES "-- name: ")
        get_filename_component(name "${file}" NAME_WE)
        string(TOUPPER "SQL_SCRIPT_${name}" name)
    endif()
    foreach(line ${lines})
        string(REPLACE "@semicolon@" ";" line "${line}")
        if(line MATCHES "^-- name: ([a-z0-9_]+)$")
            set(next "${CMAKE_MATCH_1}")
            finish_statement()
            string(TOUPPER "SQL_${next}" name)
            set(text "")
            set(literal "")
        elseif(NOT line MATCHES "^ *--" AND NOT line STREQUAL "")
            string(APPEND text "${line}\n")
            if(NOT literal STREQUAL "")
                string(APPEND literal "\n")
            endif()
            string(APPEND literal "        \"${line}\\n\"")
        endif()
    endforeach()
    finish_statement()
endforeach()

file(WRITE "${HEADER}" "/* Made from the .sql files of src/state by embed_sql.cmake. */
#ifndef RIVET_STATE_SQL_H
#define RIVET_STATE_SQL_H

typedef enum SqlId {
    SQL_NONE,
${ids}    SQL_COUNT
} SqlId;

extern const char *const SQL_TEXT[SQL_COUNT];
extern const char *const SQL_NAME[SQL_COUNT]; /* run list unfinished */

#endif
")
file(WRITE "${SOURCE}" "/* Made from the .sql files of src/state by embed_sql.cmake. */
#include \"state_sql.h\"

const char *const SQL_TEXT[SQL_COUNT] = {
${texts}};

const char *const SQL_NAME[SQL_COUNT] = {
${names}};
")
