/* sqlc: named SQL blocks become C. The format is described in doc/tools.md.
 *     sqlc IN.sql OUT.h           one header with a `struct sql` and a column enum per block
 *     sqlc --all OUT.c FILES...   every block of the program in one array, names unique
 * It checks parameters and column counts by reading the text; whether the database accepts a
 * statement is tested by preparing all of sql_all on both databases. */
#include "common/sql_text.h"

enum { FIELDS_MAX = 64 };

struct field {
    char *name;
    char letter; /* i, f, t, b */
};
struct fields {
    struct field row[FIELDS_MAX];
    int count;
};
enum kind { KIND_RUN, KIND_ONE, KIND_MANY };
struct block {
    char *name;
    const char *path;
    char *declaration; /* for the generated comment */
    enum kind kind;
    struct fields args, cols;
    struct text lite, pg; /* pg.len == 0: common text */
};
struct blocks {
    struct block *row;
    int count;
};

/* Reads one declaration or file; `at` moves on. */
struct reader {
    const char *path, *text;
    size_t len, at;
};

static void complain_at(const struct reader *r, size_t at, const char *what)
{
    struct text_place place = place_of(r->text, at);
    complain(r->path, place.line, place.column, "%s", what);
}

/* Blanks, and the line ends between `--` lines of one declaration. */
static void skip(struct reader *r)
{
    while (r->at < r->len) {
        if (r->text[r->at] == ' ' || r->text[r->at] == '\t')
            r->at++;
        else if (r->text[r->at] == '\n' && strncmp(r->text + r->at + 1, "--", 2) == 0 &&
                 strncmp(r->text + r->at + 1, "-- name:", 8) != 0)
            r->at += 3;
        else
            break;
    }
}

static bool take(struct reader *r, const char *what)
{
    skip(r);
    if (strncmp(r->text + r->at, what, strlen(what)) != 0)
        return false;
    r->at += strlen(what);
    return true;
}

/* A lower-case name, or NULL. */
static char *take_name(struct reader *r)
{
    skip(r);
    size_t start = r->at;
    while (is_name_char(r->text[r->at]) && !(r->text[r->at] >= 'A' && r->text[r->at] <= 'Z'))
        r->at++;
    if (r->at == start || !is_name_start(r->text[start]))
        return NULL;
    return must_copy(r->text + start, r->at - start);
}

/* "name type, name type?)" behind an opened bracket. */
static bool read_fields(struct fields *fields, struct reader *r)
{
    static const char *const types[] = {"i64", "f64", "text", "blob"};
    if (take(r, ")"))
        return true;
    do {
        if (fields->count == FIELDS_MAX) {
            complain_at(r, r->at, "more than 64 fields");
            return false;
        }
        struct field *field = &fields->row[fields->count++];
        field->name = take_name(r);
        size_t type_at = (skip(r), r->at);
        for (int i = 0; i < 4 && !field->letter; i++) {
            if (field->name && take(r, types[i]))
                field->letter = types[i][0];
        }
        if (!field->letter || is_name_char(r->text[r->at])) {
            complain_at(r, type_at, "expected `name type`; types are i64, f64, text, blob");
            return false;
        }
        if (r->text[r->at] == '?')
            r->at++;
        for (int i = 0; i + 1 < fields->count; i++) {
            if (strcmp(fields->row[i].name, field->name) == 0)
                complain_at(r, type_at, "this name stands twice in the list");
        }
    } while (take(r, ","));
    if (take(r, ")"))
        return true;
    complain_at(r, r->at, "expected `,` or `)`");
    return false;
}

static bool read_result(struct block *block, struct reader *r)
{
    if (!take(r, "->")) {
        complain_at(r, r->at, "expected `-> run`, `-> one (...)` or `-> many (...)`");
        return false;
    }
    if (take(r, "run")) {
        block->kind = KIND_RUN;
        return true;
    }
    if (take(r, "one"))
        block->kind = KIND_ONE;
    else if (take(r, "many"))
        block->kind = KIND_MANY;
    else {
        complain_at(r, r->at, "expected run, one or many");
        return false;
    }
    size_t at = r->at;
    if (!take(r, "(")) {
        complain_at(r, at, "one and many need their columns: (name type, ...)");
        return false;
    }
    return read_fields(&block->cols, r);
}

/* The declaration behind "-- name:". */
static bool read_declaration(struct block *block, struct reader *r)
{
    size_t start = (skip(r), r->at);
    block->name = take_name(r);
    if (!block->name || !take(r, "(")) {
        complain_at(r, r->at, "expected name(argument type, ...) in lower case");
        return false;
    }
    if (!read_fields(&block->args, r) || !read_result(block, r))
        return false;
    size_t end = r->at;
    while (r->at < r->len && (r->text[r->at] == ' ' || r->text[r->at] == '\r'))
        r->at++;
    if (r->at < r->len && r->text[r->at] != '\n') {
        complain_at(r, r->at, "nothing may follow the declaration on its line");
        return false;
    }
    struct text shown = {0};
    for (size_t i = start; i < end; i++) {
        if (r->text[i] != '\n')
            text_char(&shown, r->text[i]);
        else
            i += 2;
    }
    block->declaration = shown.p;
    return true;
}

/* Offset of the line in [from, to) that begins with `mark`, or `to`. */
static size_t find_line(const struct reader *r, size_t from, size_t to, const char *mark)
{
    size_t at = from;
    while (at < to) {
        if (strncmp(r->text + at, mark, strlen(mark)) == 0)
            return at;
        while (at < to && r->text[at] != '\n')
            at++;
        at++;
    }
    return to;
}

static void check_statement(const struct reader *r, const struct block *block, size_t from,
                            const char *sql)
{
    uint64_t used;
    char what[160];
    int highest = sql_parameters(&used, sql);
    int columns = sql_columns(sql);
    for (int i = 0; i < block->args.count; i++) {
        snprintf(what, sizeof what, "%s: $%d (%s) is not used", block->name, i + 1,
                 block->args.row[i].name);
        if (!(used >> i & 1))
            complain_at(r, from, what);
    }
    snprintf(what, sizeof what, "%s: $%d is used, but %d arguments are declared", block->name,
             highest, block->args.count);
    if (highest > block->args.count)
        complain_at(r, from, what);
    snprintf(what, sizeof what, "%s: name the columns instead of *", block->name);
    if (columns == SQL_COLUMNS_STAR)
        complain_at(r, from, what);
    snprintf(what, sizeof what, "%s: the statement returns %d columns, %d are declared",
             block->name, columns, block->cols.count);
    if (columns >= 0 && columns != block->cols.count)
        complain_at(r, from, what);
}

static void read_statement(struct text *out, const struct reader *r, const struct block *block,
                           size_t from, size_t to)
{
    const char *trouble;
    size_t bad = sql_compact(out, r->text + from, to - from, &trouble);
    while (from < to && is_blank(r->text[from]))
        from++;
    if (bad != SIZE_MAX)
        complain_at(r, bad == to - from ? from : from + bad, trouble);
    else
        check_statement(r, block, from, out->p);
}

/* Offset behind the line that begins at `at`. */
static size_t behind_line(const struct reader *r, size_t at)
{
    while (at < r->len && r->text[at] != '\n')
        at++;
    return at < r->len ? at + 1 : at;
}

/* The statement or the two variants between r->at and `end`. `has_why`: a comment stands
 * before the block. */
static void read_body(struct block *block, struct reader *r, size_t end, bool has_why)
{
    size_t from = behind_line(r, r->at);
    size_t lite = find_line(r, from, end, "-- lite:");
    size_t pg = find_line(r, from, end, "-- pg:");
    if (lite == end && pg == end) {
        read_statement(&block->lite, r, block, from, end);
        return;
    }
    if (lite == end || pg == end || pg < lite) {
        complain_at(r, from, "a block with variants has first -- lite: and then -- pg:");
        return;
    }
    has_why = has_why || (from < lite && strncmp(r->text + from, "--", 2) == 0);
    size_t mark_end = behind_line(r, lite);
    has_why = has_why || mark_end - lite > strlen("-- lite:\r\n");
    if (!has_why)
        complain_at(r, lite, "say in a comment why this block needs two variants");
    const char *trouble;
    struct text before = {0};
    if (sql_compact(&before, r->text + from, lite - from, &trouble) == SIZE_MAX)
        complain_at(r, from, "SQL before -- lite: belongs to no variant");
    read_statement(&block->lite, r, block, mark_end, pg);
    read_statement(&block->pg, r, block, behind_line(r, pg), end);
}

/* Whether the line before `at` is a comment for people. */
static bool follows_comment(const struct reader *r, size_t at)
{
    if (at < 2)
        return false;
    size_t start = at - 1;
    while (start > 0 && r->text[start - 1] != '\n')
        start--;
    return strncmp(r->text + start, "--", 2) == 0 &&
           strncmp(r->text + start, "-- name:", 8) != 0;
}

static void add_block(struct blocks *blocks, const struct block *block, int line)
{
    for (int i = 0; i < blocks->count; i++) {
        if (strcmp(blocks->row[i].name, block->name) == 0)
            complain(block->path, line, 0, "%s is already in %s", block->name,
                     blocks->row[i].path);
    }
    blocks->row = must_grow(blocks->row, ((size_t)blocks->count + 1) * sizeof *block);
    blocks->row[blocks->count++] = *block;
}

static void read_file(struct blocks *blocks, const char *path)
{
    struct reader r = {.path = path};
    r.text = file_read(path, &r.len);
    size_t bad = utf8_bad(r.text, r.len);
    if (bad < r.len)
        complain_at(&r, bad, "not UTF-8");
    size_t at = find_line(&r, 0, r.len, "-- name:");
    const char *trouble;
    struct text before = {0};
    if (sql_compact(&before, r.text, at, &trouble) == SIZE_MAX)
        complain_at(&r, 0, "SQL before the first -- name:");
    while (at < r.len) {
        r.at = at + strlen("-- name:");
        size_t end = find_line(&r, behind_line(&r, at), r.len, "-- name:");
        struct block block = {.path = path};
        if (read_declaration(&block, &r)) {
            read_body(&block, &r, end, follows_comment(&r, at));
            add_block(blocks, &block, place_of(r.text, at).line);
        }
        at = end;
    }
}

static void put_letters(struct text *out, const struct fields *fields)
{
    text_char(out, '"');
    for (int i = 0; i < fields->count; i++)
        text_char(out, fields->row[i].letter);
    text_char(out, '"');
}

static void put_block(struct text *out, const struct block *block)
{
    char *macro = macro_name(block->name);
    text_printf(out, "/* %s */\n", block->declaration);
    text_printf(out, "static const struct sql %s __attribute__((unused)) = {\n", macro);
    text_printf(out, "    .name = \"%s\",\n    .lite =\n", block->name);
    text_literal(out, block->lite.p, block->lite.len, "        ");
    if (block->pg.len > 0) {
        text_z(out, ",\n    .pg =\n");
        text_literal(out, block->pg.p, block->pg.len, "        ");
    }
    text_z(out, ",\n    .args = ");
    put_letters(out, &block->args);
    text_z(out, ",\n    .cols = ");
    put_letters(out, &block->cols);
    text_z(out, ",\n};\n");
    if (block->cols.count > 0)
        text_z(out, "enum {\n");
    for (int i = 0; i < block->cols.count; i++)
        text_printf(out, "    %s_%s = %d,\n", macro, macro_name(block->cols.row[i].name), i);
    text_z(out, block->cols.count > 0 ? "};\n\n" : "\n");
}

static void write_header(const char *out_path, const char *in_path, const struct blocks *blocks)
{
    struct text out = {0};
    char *guard = macro_name(room_path(in_path));
    text_printf(&out, "/* Made by tools/sqlc from %s. */\n", in_path);
    text_printf(&out, "#ifndef GEN_%s\n#define GEN_%s\n\n#include \"db/db.h\"\n\n", guard,
                guard);
    for (int i = 0; i < blocks->count; i++)
        put_block(&out, &blocks->row[i]);
    text_z(&out, "#endif\n");
    file_write(out_path, &out);
}

static void write_all(const char *out_path, const struct blocks *blocks)
{
    struct text out = {0};
    text_z(&out, "/* Made by tools/sqlc: every statement of the program. */\n"
                 "#include \"db/db.h\"\n\n"
                 "extern const struct sql *const sql_all[];\n"
                 "extern const size_t sql_all_count;\n\n");
    for (int i = 0; i < blocks->count; i++)
        put_block(&out, &blocks->row[i]);
    text_z(&out, "const struct sql *const sql_all[] = {\n");
    for (int i = 0; i < blocks->count; i++)
        text_printf(&out, "    &%s,\n", macro_name(blocks->row[i].name));
    text_printf(&out, "    NULL,\n};\nconst size_t sql_all_count = %d;\n", blocks->count);
    file_write(out_path, &out);
}

int main(int argc, char **argv)
{
    struct blocks blocks = {0};
    bool is_all = argc >= 3 && strcmp(argv[1], "--all") == 0;
    if (!is_all && argc != 3)
        die("usage: sqlc IN.sql OUT.h | sqlc --all OUT.c FILES...");
    const char **paths = is_all ? sorted_paths(argv + 3, argc - 3) : NULL;
    if (!is_all)
        read_file(&blocks, argv[1]);
    for (int i = 0; is_all && paths[i]; i++)
        read_file(&blocks, paths[i]);
    if (complaint_count() > 0)
        return 1;
    if (is_all)
        write_all(argv[2], &blocks);
    else
        write_header(argv[2], argv[1], &blocks);
    return 0;
}
