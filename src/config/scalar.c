#include "config/scalar.h"

#include <errno.h>
#include <math.h>

static bool
is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

bool
scalar_is_null(const Node *node)
{
    static const char *const NULLS[] = {"", "~", "null", "Null", "NULL"};

    return node->kind == NODE_SCALAR && node->is_plain &&
           is_one_of(node->text, NULLS, ARRAY_LENGTH(NULLS));
}

bool
scalar_to_bool(const Node *node, bool *value)
{
    static const char *const TRUES[] = {"true", "True", "TRUE"};
    static const char *const FALSES[] = {"false", "False", "FALSE"};

    if (node->kind != NODE_SCALAR || !node->is_plain)
        return false;
    *value = is_one_of(node->text, TRUES, ARRAY_LENGTH(TRUES));
    return *value || is_one_of(node->text, FALSES, ARRAY_LENGTH(FALSES));
}

/* Digits of one base only, at least one. */
static bool
is_digits(const char *text, const char *digits)
{
    return *text != '\0' && text[strspn(text, digits)] == '\0';
}

NumberResult
scalar_to_int(const Node *node, int64_t *value)
{
    if (node->kind != NODE_SCALAR || !node->is_plain)
        return NUMBER_NONE;
    const char *text = node->text;
    const char *digits = text + (*text == '-' || *text == '+');
    int base = 10;

    if (strncmp(text, "0x", 2) == 0 && is_digits(text + 2, "0123456789abcdefABCDEF")) {
        base = 16;
        text += 2;
    } else if (strncmp(text, "0o", 2) == 0 && is_digits(text + 2, "01234567")) {
        base = 8;
        text += 2;
    } else if (!is_digits(digits, "0123456789")) {
        return NUMBER_NONE;
    }
    errno = 0;
    long long parsed = strtoll(text, NULL, base);
    if (errno == ERANGE)
        return NUMBER_OUT_OF_RANGE;
    *value = parsed;
    return NUMBER_OK;
}

static bool
is_decimal_number(const char *text)
{
    const char *at = text + (*text == '-' || *text == '+');
    size_t whole = strspn(at, "0123456789");
    size_t fraction = 0;

    at += whole;
    if (*at == '.') {
        fraction = strspn(++at, "0123456789");
        at += fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '-' || *at == '+';
        return is_digits(at, "0123456789");
    }
    return *at == '\0';
}

NumberResult
scalar_to_double(const Node *node, double *value)
{
    int64_t whole;

    if (node->kind != NODE_SCALAR || !node->is_plain)
        return NUMBER_NONE;
    if (scalar_to_int(node, &whole) == NUMBER_OK) {
        *value = (double)whole;
        return NUMBER_OK;
    }
    if (!is_decimal_number(node->text))
        return NUMBER_NONE;
    *value = strtod(node->text, NULL);
    return isfinite(*value) ? NUMBER_OK : NUMBER_OUT_OF_RANGE;
}

const char *
scalar_kind_name(const Node *node)
{
    bool truth;
    double number;

    if (node->kind == NODE_SEQUENCE)
        return "a list";
    if (node->kind == NODE_MAPPING)
        return "a mapping";
    if (scalar_is_null(node))
        return "nothing";
    if (scalar_to_bool(node, &truth))
        return "a boolean";
    return scalar_to_double(node, &number) == NUMBER_NONE ? "text" : "a number";
}
