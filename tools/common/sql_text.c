/* Reads SQL text just far enough for sqlc; see sql_text.h. */
#include "common/sql_text.h"

#include <strings.h>

static size_t line_end(const char *sql, size_t len, size_t at)
{
    while (at < len && sql[at] != '\n')
        at++;
    return at;
}

static size_t skip_blank(const char *sql, size_t len, size_t at)
{
    while (at < len) {
        if (is_blank(sql[at]))
            at++;
        else if (sql[at] == '-' && at + 1 < len && sql[at + 1] == '-')
            at = line_end(sql, len, at);
        else
            break;
    }
    return at;
}

static bool is_comment(const char *sql, size_t len, size_t at)
{
    return at + 1 < len && sql[at] == '-' && sql[at + 1] == '-';
}

/* Length of a mark where db/filter puts its conditions and order; 0: none stands here. */
static size_t filter_mark(const char *sql, size_t len, size_t at)
{
    static const char *const marks[] = {"/*FILTER*/", "/*ORDER*/"};
    for (int i = 0; i < 2; i++) {
        size_t mark = strlen(marks[i]);
        if (at + mark <= len && strncmp(sql + at, marks[i], mark) == 0)
            return mark;
    }
    return 0;
}

size_t sql_compact(struct text *out, const char *sql, size_t len, const char **trouble)
{
    size_t start = out->len;
    int depth = 0;
    size_t at = skip_blank(sql, len, 0);
    while (at < len) {
        char c = sql[at];
        if (c == '\'' || c == '"') {
            size_t end = string_end(sql, len, at, false);
            *trouble = "this quote is not closed";
            if (end == len && sql[len - 1] != c)
                return at;
            text_add(out, sql + at, end - at);
            at = end;
        } else if (filter_mark(sql, len, at) > 0) {
            size_t mark = filter_mark(sql, len, at);
            text_add(out, sql + at, mark);
            at += mark;
        } else if (c == '/' && at + 1 < len && sql[at + 1] == '*') {
            *trouble = "write comments with --";
            return at;
        } else if (c == ';') {
            size_t next = skip_blank(sql, len, at + 1);
            *trouble = "a block holds one statement";
            if (next < len)
                return at;
            at = next;
        } else if (is_blank(c) || is_comment(sql, len, at)) {
            at = skip_blank(sql, len, at);
            if (at < len && sql[at] != ';')
                text_char(out, ' ');
        } else {
            depth += (c == '(') - (c == ')');
            *trouble = "this ) closes nothing";
            if (depth < 0)
                return at;
            text_char(out, c);
            at++;
        }
    }
    *trouble = depth > 0 ? "a ( is not closed" : "the statement is empty";
    if (depth > 0 || out->len == start)
        return len;
    return SIZE_MAX;
}

int sql_parameters(uint64_t *used, const char *sql)
{
    size_t len = strlen(sql);
    int highest = 0;
    *used = 0;
    for (size_t at = 0; at < len;) {
        if (sql[at] == '\'' || sql[at] == '"') {
            at = string_end(sql, len, at, false);
            continue;
        }
        if (sql[at++] != '$')
            continue;
        int n = 0;
        while (sql[at] >= '0' && sql[at] <= '9' && n < 1000)
            n = n * 10 + (sql[at++] - '0');
        if (n >= 1 && n <= 64)
            *used |= (uint64_t)1 << (n - 1);
        highest = n > highest ? n : highest;
    }
    return highest;
}

/* A word or a single character, outside brackets. */
struct token {
    const char *p;
    size_t len;
};

/* The next token at the outermost level; what stands in brackets counts as one token "(". */
static struct token next_token(const char *sql, size_t len, size_t *at)
{
    *at = skip_blank(sql, len, *at);
    struct token token = {sql + *at, 0};
    if (*at >= len)
        return token;
    char c = sql[*at];
    if (is_name_start(c)) {
        while (*at < len && is_name_char(sql[*at]))
            (*at)++;
    } else if (c == '\'' || c == '"') {
        *at = string_end(sql, len, *at, false);
    } else if (c == '(') {
        int depth = 0;
        do {
            if (sql[*at] == '\'' || sql[*at] == '"') {
                *at = string_end(sql, len, *at, false);
                continue;
            }
            depth += (sql[*at] == '(') - (sql[*at] == ')');
            (*at)++;
        } while (*at < len && depth > 0);
    } else {
        (*at)++;
    }
    token.len = (size_t)(sql + *at - token.p);
    return token;
}

static bool is_word(struct token token, const char *word)
{
    return strlen(word) == token.len && strncasecmp(token.p, word, token.len) == 0;
}

static bool is_any(struct token token, const char *const *words)
{
    for (; *words; words++) {
        if (is_word(token, *words))
            return true;
    }
    return false;
}

/* Counts the comma-separated expressions from *at to the list's end. */
static int count_list(const char *sql, size_t len, size_t at)
{
    static const char *const ends[] = {"from",   "where",     "order", "limit",  "union",
                                       "except", "intersect", "group", "having", NULL};
    struct token before = {sql, 0};
    int count = 1;
    for (;;) {
        struct token token = next_token(sql, len, &at);
        bool is_compared = is_word(token, "from") && is_word(before, "distinct");
        if (token.len == 0 || (is_any(token, ends) && !is_compared))
            return count;
        if (*token.p == ',')
            count++;
        bool starts_item = *before.p == ',' || *before.p == '.' || before.len == 0;
        if (*token.p == '*' && starts_item)
            return SQL_COLUMNS_STAR;
        before = token;
    }
}

int sql_columns(const char *sql)
{
    static const char *const changes[] = {"insert", "update", "delete", NULL};
    size_t len = strlen(sql), at = 0;
    bool is_change = false;
    for (;;) {
        struct token token = next_token(sql, len, &at);
        if (token.len == 0)
            return is_change ? 0 : SQL_COLUMNS_UNKNOWN;
        if (!is_change && is_any(token, changes))
            is_change = true;
        if (is_change && is_word(token, "returning"))
            return count_list(sql, len, at);
        if (!is_change && is_word(token, "select")) {
            size_t after = at;
            struct token next = next_token(sql, len, &after);
            return count_list(sql, len,
                              is_word(next, "distinct") || is_word(next, "all") ? after : at);
        }
    }
}
