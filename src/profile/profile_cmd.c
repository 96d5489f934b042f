/* `fumin profile check` and `fumin codebook`. */
#include "base/json.h"
#include "base/option.h"
#include "profile/codebook.h"
#include "profile/profile.h"
#include "profile/rules.h"
#include "web/app.h"
#include "web/commands.h"

#include <string.h>
#include <sys/stat.h>

static const char *const format_names[] = {"text", "csv", "json"};

/* Position among the format names; text when not given. False after noting the mistake. */
static bool read_format(enum codebook_format *out, struct cx *cx, const struct option_value *v)
{
    *out = CODEBOOK_TEXT;
    if (!v->given)
        return true;
    for (int i = 0; i <= CODEBOOK_JSON; i++)
        if (!strcmp(v->text, format_names[i])) {
            *out = (enum codebook_format)i;
            return true;
        }
    (void)fail(cx, RC_INVALID, _("--format is text, csv or json."), "format"); /* told below */
    return false;
}

static bool read_lang(struct cx *cx, const struct option_value *v)
{
    if (!v->given)
        return true;
    if (strcmp(v->text, "en") != 0 && strcmp(v->text, "zh") != 0) {
        (void)fail(cx, RC_INVALID, _("--lang is en or zh."), "lang"); /* told by the caller */
        return false;
    }
    cx->lang = v->text[0] == 'z' ? LANG_ZH : LANG_EN;
    return true;
}

/* A folder, or the name of a profile carried in the program. */
static enum rc load(struct profile **out, struct profile_faults *faults, struct cx *cx,
                    const char *what)
{
    struct stat st;
    if (!stat(what, &st) && S_ISDIR(st.st_mode))
        return profile_load(out, faults, cx, what);
    return profile_load_embedded(out, faults, cx, what);
}

/* ---- faults ---- */

static void faults_text(struct buf *b, struct cx *cx, const struct profile_faults *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct profile_fault *x = &f->rows[i];
        buf_z(b, x->file);
        if (x->row)
            buf_printf(b, ":%" PRId64, x->row);
        if (*x->field)
            buf_printf(b, " %s", x->field);
        if (*x->value)
            buf_printf(b, " “%s”", x->value);
        buf_printf(b, ": %s\n", x->message);
    }
    buf_printf(b, _n("%lld mistake.\n", "%lld mistakes.\n", f->count), (long long)f->count);
}

static void faults_csv(struct buf *b, const struct profile_faults *f)
{
    buf_z(b, "file,row,field,value,message\n");
    for (size_t i = 0; i < f->count; i++) {
        codebook_csv_cell(b, f->rows[i].file);
        buf_printf(b, ",%" PRId64 ",", f->rows[i].row);
        codebook_csv_cell(b, f->rows[i].field);
        buf_char(b, ',');
        codebook_csv_cell(b, f->rows[i].value);
        buf_char(b, ',');
        codebook_csv_cell(b, f->rows[i].message);
        buf_char(b, '\n');
    }
}

static void faults_json(struct buf *b, const struct profile_faults *f)
{
    struct json j;
    json_init(&j, b);
    json_object_begin(&j);
    json_key(&j, "faults");
    json_array_begin(&j);
    for (size_t i = 0; i < f->count; i++) {
        json_object_begin(&j);
        json_put_z(&j, "file", f->rows[i].file);
        json_put_i64(&j, "row", f->rows[i].row);
        json_put_z(&j, "field", f->rows[i].field);
        json_put_z(&j, "value", f->rows[i].value);
        json_put_z(&j, "message", f->rows[i].message);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    buf_char(b, '\n');
}

static void print_faults(struct cx *cx, const struct profile_faults *f,
                         enum codebook_format format)
{
    struct buf b;
    buf_init(&b, cx->arena, CODEBOOK_BYTES_MAX);
    switch (format) {
    case CODEBOOK_TEXT:
        faults_text(&b, cx, f);
        break;
    case CODEBOOK_CSV:
        faults_csv(&b, f);
        break;
    case CODEBOOK_JSON:
        faults_json(&b, f);
        break;
    }
    fwrite(b.p, 1, b.len, stdout);
}

/* ---- fumin profile check ---- */

enum { CHECK_VERB, CHECK_WHAT, CHECK_FORMAT, CHECK_LANG, CHECK_COUNT };
static const struct option_row check_rows[CHECK_COUNT] = {
    {NULL, "check", OPTION_TEXT, N_("the word check"), true},
    {NULL, "DIR|NAME", OPTION_TEXT,
     N_("a profile's folder, or one carried in the program (cn, mirea, mpi, vlss)"), true},
    {"format", "text|csv|json", OPTION_TEXT, N_("how mistakes are printed; default text"),
     false},
    {"lang", "en|zh", OPTION_TEXT, N_("language of the output"), false},
};

int profile_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[CHECK_COUNT];
    enum codebook_format format;
    enum rc rc = options_parse(v, cx, check_rows, CHECK_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    if (strcmp(v[CHECK_VERB].text, "check") != 0)
        rc = fail(cx, RC_INVALID, _("The command is: fumin profile check DIR"), "verb");
    if (rc || !read_format(&format, cx, &v[CHECK_FORMAT]) || !read_lang(cx, &v[CHECK_LANG]))
        return command_usage(cx, RC_INVALID);
    struct profile *p = NULL;
    struct profile_faults faults;
    rc = load(&p, &faults, cx, v[CHECK_WHAT].text);
    if (rc && !faults.count)
        return command_failed(cx);
    if (rc || format != CODEBOOK_TEXT) {
        print_faults(cx, &faults, format);
    } else {
        printf(_("%s: %zu indicators, %zu code lists, %zu kinds of income, %zu mappings, %zu "
                 "derived rules, %zu checks, %zu indexes; no mistakes.\n"),
               LABEL(cx, p->name), p->indicator_count, p->list_count, p->income_count,
               p->mapping_count, p->rules->derived_count, p->rules->check_count,
               p->rules->index_count);
    }
    profile_free(p);
    return rc ? EXIT_FINDINGS : EXIT_OK;
}

/* ---- fumin codebook ---- */

enum { BOOK_PROFILE, BOOK_DB, BOOK_FORMAT, BOOK_LANG, BOOK_COUNT };
static const struct option_row book_rows[BOOK_COUNT] = {
    {"profile", "DIR|NAME", OPTION_TEXT, N_("a profile's folder or name; default cn"), false},
    {"db", "DIR", OPTION_TEXT, N_("a database's folder: its profile"), false},
    {"format", "text|csv|json", OPTION_TEXT, N_("default text"), false},
    {"lang", "en|zh", OPTION_TEXT, N_("language of the output"), false},
};

/* Prints the codebook of cx->profile. */
static int print_codebook(struct cx *cx, enum codebook_format format)
{
    struct buf b;
    buf_init(&b, NULL, CODEBOOK_BYTES_MAX);
    profile_codebook(&b, cx, format);
    enum rc rc =
        buf_ok(&b) ? RC_OK : fail(cx, RC_LIMIT, _("The codebook is too large."), "codebook");
    if (!rc)
        fwrite(b.p, 1, b.len, stdout);
    buf_free(&b);
    return rc ? command_failed(cx) : EXIT_OK;
}

int codebook_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[BOOK_COUNT];
    enum codebook_format format;
    enum rc rc = options_parse(v, cx, book_rows, BOOK_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    if (!read_format(&format, cx, &v[BOOK_FORMAT]) || !read_lang(cx, &v[BOOK_LANG]))
        return command_usage(cx, RC_INVALID);
    if (cx->profile && !v[BOOK_PROFILE].given)
        return print_codebook(cx, format);
    struct profile *p = NULL;
    struct profile_faults faults;
    const struct profile *before = cx->profile;
    rc = load(&p, &faults, cx, v[BOOK_PROFILE].given ? v[BOOK_PROFILE].text : "cn");
    if (rc && !faults.count)
        return command_failed(cx);
    if (rc) {
        print_faults(cx, &faults, CODEBOOK_TEXT);
        return EXIT_FINDINGS;
    }
    cx->profile = p;
    int code = print_codebook(cx, format);
    cx->profile = before;
    profile_free(p);
    return code;
}
