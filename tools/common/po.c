/* Reads gettext's .po and .pot files; see po.h. */
#include "common/po.h"

#include <inttypes.h>

/* Where a quoted string goes: the last keyword met. */
enum part { PART_NONE, PART_ID, PART_PLURAL, PART_STRING, PART_OTHER };

struct state {
    struct po *po;
    const char *path;
    struct text id, plural, string;
    char *reference;
    int line, id_line;
    bool has_plural, is_fuzzy;
    enum part part;
};

static char *text_take(struct text *t)
{
    char *p = t->p ? t->p : must_copy("", 0);
    *t = (struct text){0};
    return p;
}

/* Ends the entry that was being read. The header has the empty msgid. */
static void finish(struct state *s)
{
    if (s->part != PART_NONE && s->id.len > 0) {
        struct po_entry *rows =
            must_grow(s->po->row, ((size_t)s->po->count + 1) * sizeof *rows);
        s->po->row = rows;
        rows[s->po->count++] = (struct po_entry){
            .path = s->path,
            .line = s->id_line,
            .id = text_take(&s->id),
            .id_plural = s->has_plural ? text_take(&s->plural) : NULL,
            .translation = text_take(&s->string),
            .reference = s->reference,
            .is_fuzzy = s->is_fuzzy,
        };
    }
    s->id.len = s->plural.len = s->string.len = 0;
    s->reference = NULL;
    s->has_plural = s->is_fuzzy = false;
    s->part = PART_NONE;
}

/* xgettext writes `"%" PRId64` as %<PRId64>; the program's text has what this machine's
 * inttypes.h says. */
static size_t take_pri_macro(struct text *out, const char *p)
{
    static const struct {
        const char *macro, *conversion;
    } macros[] = {{"<PRId64>", PRId64}, {"<PRIi64>", PRIi64}, {"<PRIu64>", PRIu64},
                  {"<PRId32>", PRId32}, {"<PRIu32>", PRIu32}, {"<PRIx64>", PRIx64}};
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
        if (strncmp(p, macros[i].macro, strlen(macros[i].macro)) == 0) {
            text_z(out, macros[i].conversion);
            return strlen(macros[i].macro);
        }
    }
    return 0;
}

/* Adds the quoted string at `p` to `out`; false when it is not sound. */
static bool read_quoted(struct text *out, const char *p)
{
    static const char escapes[] = "n\nt\tr\r\"\"\\\\";
    if (*p++ != '"')
        return false;
    text_add(out, "", 0);
    while (*p && *p != '"') {
        if (*p == '\\') {
            const char *found = p[1] ? strchr(escapes, p[1]) : NULL;
            if (!found)
                return false;
            text_char(out, found[1]);
            p += 2;
            continue;
        }
        size_t macro = *p == '<' && out->len > 0 ? take_pri_macro(out, p) : 0;
        if (macro == 0)
            text_char(out, *p++);
        p += macro;
    }
    if (*p++ != '"')
        return false;
    while (is_blank(*p))
        p++;
    return *p == '\0';
}

static struct text *part_text(struct state *s)
{
    static struct text ignored;
    switch (s->part) {
    case PART_ID:
        return &s->id;
    case PART_PLURAL:
        return &s->plural;
    case PART_STRING:
        return &s->string;
    case PART_NONE:
    case PART_OTHER:
        break;
    }
    return &ignored;
}

static void read_comment(struct state *s, const char *line)
{
    if (s->part != PART_NONE && s->part != PART_ID && s->part != PART_PLURAL)
        finish(s);
    if (strncmp(line, "#,", 2) == 0 && strstr(line, "fuzzy"))
        s->is_fuzzy = true;
    if (strncmp(line, "#: ", 3) == 0 && !s->reference)
        s->reference = must_copy(line + 3, strcspn(line + 3, " \r\n"));
}

/* The keyword at the line's start; returns what stands behind it, or NULL. */
static const char *read_keyword(struct state *s, const char *line)
{
    static const struct {
        const char *word;
        enum part part;
    } words[] = {{"msgid_plural ", PART_PLURAL},
                 {"msgid ", PART_ID},
                 {"msgstr ", PART_STRING},
                 {"msgstr[0] ", PART_STRING},
                 {"msgstr[", PART_OTHER}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strncmp(line, words[i].word, strlen(words[i].word)) != 0)
            continue;
        if (words[i].part == PART_ID) {
            if (s->part != PART_NONE)
                finish(s);
            s->id_line = s->line;
        }
        s->part = words[i].part;
        s->has_plural = s->has_plural || s->part == PART_PLURAL;
        const char *quote = strchr(line, '"');
        return quote ? quote : line;
    }
    return NULL;
}

static void read_line(struct state *s, const char *line)
{
    while (*line == ' ' || *line == '\t')
        line++;
    if (*line == '\0' || *line == '\r') {
        if (s->part != PART_NONE)
            finish(s);
        return;
    }
    if (*line == '#') {
        read_comment(s, line);
        return;
    }
    if (strncmp(line, "msgctxt", 7) == 0) {
        complain(s->path, s->line, 0,
                 "msgctxt is not used here: choose different source texts");
        return;
    }
    const char *quoted = *line == '"' ? line : read_keyword(s, line);
    if (!quoted || (*line == '"' && s->part == PART_NONE))
        complain(s->path, s->line, 0, "expected msgid, msgid_plural, msgstr or a quoted text");
    else if (!read_quoted(part_text(s), quoted))
        complain(s->path, s->line, 0, "this quoted text is not sound");
}

void po_read(struct po *po, const char *path)
{
    size_t len;
    struct state s = {.po = po, .path = path};
    char *text = file_read(path, &len);
    size_t bad = utf8_bad(text, len);
    if (bad < len)
        complain(path, place_of(text, bad).line, 0, "not UTF-8");
    for (char *line = text; line && *line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        s.line++;
        read_line(&s, line);
        line = end ? end + 1 : NULL;
    }
    finish(&s);
}

enum { ARGUMENTS_MAX = 32, TYPE_MAX = 8 };
struct conversions {
    char type[ARGUMENTS_MAX][TYPE_MAX]; /* "ld", "s", "*"; by argument */
    int count;
};

static void add_conversion(struct conversions *found, int number, const char *type, size_t len)
{
    int at = number > 0 ? number - 1 : found->count;
    if (at >= ARGUMENTS_MAX || len >= TYPE_MAX)
        die("too many or too long conversions in a text");
    memcpy(found->type[at], type, len);
    if (at + 1 > found->count)
        found->count = at + 1;
}

/* "12$" at p gives 12 and moves behind it; 0 when there is no number of an argument. */
static int argument_number(const char **p)
{
    int number = 0;
    const char *q = *p;
    while (*q >= '0' && *q <= '9' && number < ARGUMENTS_MAX)
        number = number * 10 + (*q++ - '0');
    if (*q != '$' || number == 0)
        return 0;
    *p = q + 1;
    return number;
}

/* A percent sign before a blank or before no conversion is a plain one in these texts:
 * "50 % of". */
static struct conversions find_conversions(const char *p)
{
    struct conversions found = {0};
    while ((p = strchr(p, '%')) != NULL) {
        p++;
        if (*p == '%') {
            p++;
            continue;
        }
        int number = argument_number(&p);
        while (*p && strchr("-+#0'", *p))
            p++;
        for (; (*p >= '0' && *p <= '9') || *p == '.' || *p == '*'; p++) {
            if (*p == '*')
                add_conversion(&found, 0, "*", 1);
        }
        const char *type = p;
        while (*p && strchr("hlLqjzt", *p))
            p++;
        if (*p && strchr("diouxXeEfFgGaAcspnm", *p)) {
            p++;
            add_conversion(&found, number, type, (size_t)(p - type));
        }
    }
    return found;
}

bool po_same_conversions(const char *source, const char *translation, char *why, size_t why_len)
{
    struct conversions a = find_conversions(source), b = find_conversions(translation);
    for (int i = 0; i < ARGUMENTS_MAX; i++) {
        if (strcmp(a.type[i], b.type[i]) == 0)
            continue;
        snprintf(why, why_len, "argument %d is %%%s in the source and %%%s in the translation",
                 i + 1, a.type[i][0] ? a.type[i] : "(none)",
                 b.type[i][0] ? b.type[i] : "(none)");
        return false;
    }
    return true;
}
