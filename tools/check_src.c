/* check_src: the rules of STYLE.md that no compiler knows: floors, sizes, blanks, SQL outside
 * of .sql files, texts that nobody can translate. It looks at every file git knows, from the
 * tree's top, prints one line per finding and fails when there is one. doc/tools.md lists the
 * rules. */
#include "common/c_scan.h"

#include <sys/wait.h>
#include <unistd.h>

enum { LINES_MAX = 600, LINES_HARD_MAX = 1000, COLUMNS_MAX = 96, FLOOR_TOP = 9 };

/* Rooms from the ground up, as in the Makefile and doc/architecture.md. */
static const struct {
    const char *name;
    int floor;
} rooms[] = {{"base", 0},  {"db", 1},      {"http", 1},     {"sandbox", 1}, {"frame", 2},
             {"html", 3},  {"rule", 3},    {"stats", 3},    {"profile", 4}, {"people", 5},
             {"work", 5},  {"store", 5},   {"register", 6}, {"ledger", 6},  {"casework", 7},
             {"help", 7},  {"office", 7},  {"stock", 7},    {"shop", 7},    {"sale", 7},
             {"watch", 8}, {"insight", 8}, {"web", 9}};
enum { ROOM_COUNT = sizeof rooms / sizeof *rooms };

/* uses[a][b]: a file below the top of room a includes room b. */
static bool uses[ROOM_COUNT][ROOM_COUNT];
static int gap_count;

struct file {
    const char *path;
    char *text, *code; /* code: without comments and texts; NULL when it is not C */
    size_t len;
};

static bool starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool ends(const char *s, const char *suffix)
{
    size_t len = strlen(s), suffix_len = strlen(suffix);
    return len >= suffix_len && strcmp(s + len - suffix_len, suffix) == 0;
}

static void complain_at(const struct file *f, size_t at, const char *what)
{
    struct text_place place = place_of(f->text, at);
    complain(f->path, place.line, place.column, "%s", what);
}

/* Tests and what they set up may look behind the doors. */
static bool is_test(const char *path)
{
    return ends(path, "_test.c") || ends(path, "_fixture.c") || ends(path, "_fixture.h");
}

/* ---- rooms ---- */

static int room_of(const char *path)
{
    for (int i = 0; i < ROOM_COUNT; i++) {
        size_t len = strlen(rooms[i].name);
        if (strncmp(path, rooms[i].name, len) == 0 && path[len] == '/')
            return i;
    }
    return -1;
}

/* Pages, what their templates are given (_view.h) and commands are of the top floor wherever
 * they lie, with their tests. */
static bool is_top(const char *path)
{
    static const char *const endings[] = {"_page.c", "_page.h",      "_view.h",    "_cmd.c",
                                          "_cmd.h",  "_page_test.c", "_cmd_test.c"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (ends(path, endings[i]))
            return true;
    }
    return !strchr(path, '/') || (ends(path, ".html.h") && !starts(path, "html/"));
}

static int floor_of(const char *path)
{
    int room = room_of(path);
    return is_top(path) || room < 0 ? FLOOR_TOP : rooms[room].floor;
}

static void check_include(const struct file *f, size_t at, const char *included)
{
    const char *own = room_path(f->path);
    int from = room_of(own), to = room_of(included);
    char what[200];
    if (to < 0)
        return;
    bool is_other = from != to;
    snprintf(what, sizeof what, "floor %d includes %s of floor %d", floor_of(own), included,
             floor_of(included));
    if (floor_of(included) > floor_of(own))
        complain_at(f, at, what);
    if (is_other && !is_test(own) && (ends(included, ".sql.h") || ends(included, "_impl.h")))
        complain_at(f, at, "this header is private to its room");
    if (is_other && from >= 0 && !is_top(own) && !is_test(own))
        uses[from][to] = true;
}

static void check_includes(const struct file *f)
{
    static const char mark[] = "#include \"";
    if (!starts(f->path, "src/"))
        return;
    for (const char *p = f->text; (p = strstr(p, mark)) != NULL; p++) {
        char included[128];
        const char *name = p + strlen(mark);
        snprintf(included, sizeof included, "%.*s", (int)strcspn(name, "\"\n"), name);
        check_include(f, (size_t)(p - f->text), included);
    }
}

static void check_cycles(void)
{
    for (int k = 0; k < ROOM_COUNT; k++) {
        for (int a = 0; a < ROOM_COUNT; a++) {
            for (int b = 0; b < ROOM_COUNT; b++)
                uses[a][b] = uses[a][b] || (uses[a][k] && uses[k][b]);
        }
    }
    for (int a = 0; a < ROOM_COUNT; a++) {
        if (uses[a][a])
            complain("src", 0, 0, "the room %s uses itself through other rooms", rooms[a].name);
    }
}

/* ---- lines ---- */

static bool is_source(const char *path)
{
    static const char *const endings[] = {".c", ".h", ".sql", ".html", ".css", ".js"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (ends(path, endings[i]))
            return true;
    }
    bool is_script = starts(path, "tools/") || starts(path, "test/") || starts(path, "bench/");
    const char *slash = strrchr(path, '/');
    return is_script && slash && !strchr(slash, '.');
}

/* What others wrote, and texts that are bad on purpose. */
static bool is_foreign(const char *path)
{
    return strstr(path, "/vendor/") || strstr(path, ".d/") || strstr(path, "/data/");
}

/* Marks of unfinished work, spelled apart so that this file passes. */
static void check_marks(const struct file *f)
{
    static const char *const marks[] = {"TO"
                                        "DO",
                                        "FIX"
                                        "ME",
                                        "XX"
                                        "X"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t at = c_find_word(f->text, 0, marks[i]);
        if (at != SIZE_MAX)
            complain_at(f, at, "finish it, or write /* GAP: what is missing */");
    }
    for (const char *p = f->text; (p = strstr(p, "GAP: ")) != NULL; p++)
        gap_count += p > f->text + 2 && (p[-2] == '*' || p[-2] == '/' || p[-2] == '-');
}

static void check_line(const struct file *f, int line, size_t from, size_t to)
{
    int columns = 0;
    for (size_t at = from; at < to; columns++)
        utf8_take(f->text, to, &at);
    if (f->code && columns > COLUMNS_MAX)
        complain(f->path, line, COLUMNS_MAX + 1, "the line has %d columns, at most %d", columns,
                 COLUMNS_MAX);
    if (to > from && is_blank(f->text[to - 1]))
        complain(f->path, line, 0, "blanks at the line's end");
    if (memchr(f->text + from, '\t', to - from))
        complain(f->path, line, 0, "a tab");
}

static void check_lines(const struct file *f)
{
    int line = 1;
    for (size_t at = 0; at < f->len; line++) {
        size_t end = at;
        while (end < f->len && f->text[end] != '\n')
            end++;
        check_line(f, line, at, end);
        at = end + 1;
    }
    line--;
    if (line > LINES_HARD_MAX || (line > LINES_MAX && !strstr(f->text, "LONG: ")))
        complain(f->path, line, 0, "%d lines; at most %d (%d with a comment LONG: why)", line,
                 LINES_MAX, LINES_HARD_MAX);
    if (f->len > 0 && f->text[f->len - 1] != '\n')
        complain(f->path, line, 0, "no line end at the file's end");
    check_marks(f);
}

/* ---- C ---- */

static void check_opening(const struct file *f)
{
    if (!starts(f->text, "/*") && !starts(f->text, "//"))
        complain(f->path, 1, 0, "the file begins with a comment that says what it does");
    if (!ends(f->path, ".h"))
        return;
    /* BASE_TEXT_H for base/text.h; for base/base_x.h BASE_X_H says as much. */
    const char *slash = strrchr(f->path, '/');
    char *guard = macro_name(room_path(f->path));
    char *name = macro_name(slash ? slash + 1 : f->path);
    struct text full = {0}, own = {0};
    text_printf(&full, "#ifndef %s\n#define %s\n", guard, guard);
    text_printf(&own, "#ifndef %s\n#define %s\n", name, name);
    if (!strstr(f->text, full.p) &&
        !(strchr(name, '_') != strrchr(name, '_') && strstr(f->text, own.p)))
        complain(f->path, 1, 0, "the guard is missing: #ifndef %s", guard);
}

static void check_banned(const struct file *f)
{
    static const char *const names[] = {"strcpy", "strcat", "strncpy", "sprintf",   "vsprintf",
                                        "strtok", "gets",   "atoi",    "atof",      "atol",
                                        "gmtime", "ctime",  "rand",    "localtime", "system",
                                        "popen",  "alloca"};
    size_t end;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t at = c_find_word(f->code, 0, names[i]);
        for (; at != SIZE_MAX; at = c_find_word(f->code, at + 1, names[i])) {
            bool is_member = at > 0 && (f->code[at - 1] == '.' || f->code[at - 1] == '>');
            if (!is_member && (c_argument(f->code, at, 0, &end) != SIZE_MAX ||
                               f->code[at + strlen(names[i])] == '('))
                complain_at(f, at, "this function is banned, see tools/banned.h");
        }
    }
}

/* Whether the argument is a literal, a translation, or a choice between such. */
static bool is_literal(const struct file *f, size_t at, size_t end)
{
    const char *p = f->code + at;
    if (*p == '"' || starts(p, "_(") || starts(p, "_n(") || starts(p, "PRI"))
        return true;
    const char *choice = memchr(p, '?', end - at);
    if (!choice)
        return false;
    do
        choice++;
    while (is_blank(*choice));
    return *choice == '"' || starts(choice, "_(");
}

/* Definitions of macros pass their arguments on. */
static bool is_macro_line(const struct file *f, size_t at)
{
    while (at > 0 && f->code[at - 1] != '\n')
        at--;
    return f->code[at] == '#';
}

/* printf and its kin: their format must stand in the call, where the compiler can read it. */
static void check_formats(const struct file *f)
{
    static const struct {
        const char *name;
        int format;
    } calls[] = {{"printf", 0},     {"fprintf", 1},      {"dprintf", 1},   {"snprintf", 2},
                 {"buf_printf", 1}, {"arena_printf", 1}, {"log_event", 2}, {"fail", 3},
                 {"fail_f", 2},     {"text_printf", 1}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        size_t at = c_find_word(f->code, 0, calls[i].name), end = 0;
        for (; at != SIZE_MAX; at = c_find_word(f->code, at + 1, calls[i].name)) {
            size_t format = c_argument(f->code, at, calls[i].format, &end);
            if (format == SIZE_MAX || starts(f->code + format, "const char *") ||
                is_literal(f, format, end) || is_macro_line(f, at))
                continue;
            complain_at(f, format, "the format must be a literal");
        }
    }
}

/* The text for the person in fail() and fail_f() must be translated. */
static void check_fail_texts(const struct file *f)
{
    static const char *const names[] = {"fail", "fail_f"};
    if (is_test(f->path) || !starts(f->path, "src/"))
        return;
    for (int i = 0; i < 2; i++) {
        size_t at = c_find_word(f->code, 0, names[i]), end;
        for (; at != SIZE_MAX; at = c_find_word(f->code, at + 1, names[i])) {
            size_t text = c_argument(f->code, at, 2, &end);
            if (text != SIZE_MAX && f->code[text] == '"' && f->code[text + 1] != '"')
                complain_at(f, text, "a text for people needs _()");
        }
    }
}

/* SQL belongs into .sql files; db/ speaks to the databases themselves, profile/ makes its
 * tables at run time, rule/rule_sql filters out of rules. */
static void check_sql(const struct file *f)
{
    static const char *const words[] = {"SELECT ",      "INSERT INTO ", "DELETE FROM ",
                                        "CREATE TABLE", "CREATE INDEX", "ALTER TABLE ",
                                        "DROP TABLE ",  "UPDATE "};
    bool is_emitter = starts(f->path, "src/db/") || starts(f->path, "src/profile/") ||
                      starts(f->path, "src/rule/rule_sql");
    if (is_emitter || !starts(f->path, "src/") || is_test(f->path))
        return;
    for (size_t at = 0; at < f->len; at++) {
        if (f->code[at] != '"')
            continue;
        size_t end = at + 1;
        while (end < f->len && f->code[end] != '"')
            end++;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (starts(f->text + at + 1, words[i]))
                complain_at(f, at, "SQL stands in .sql files (tools/sqlc)");
        }
        at = end;
    }
}

static void check_file(const char *path)
{
    if (!is_source(path) || is_foreign(path) || access(path, R_OK) != 0)
        return; /* deleted, but not yet committed */
    struct file f = {.path = path};
    f.text = file_read(path, &f.len);
    size_t bad = utf8_bad(f.text, f.len);
    if (bad < f.len)
        complain_at(&f, bad, "not UTF-8");
    if (ends(path, ".c") || ends(path, ".h"))
        f.code = c_without_texts(f.text, f.len);
    check_lines(&f);
    if (f.code) {
        check_opening(&f);
        check_includes(&f);
        check_formats(&f);
        check_fail_texts(&f);
        check_sql(&f);
        if (strcmp(path, "tools/banned.h") != 0)
            check_banned(&f);
    }
    free(f.text);
    free(f.code);
}

/* ---- the tree ---- */

/* The files git knows, one per line. */
static char *list_files(void)
{
    int ends_of_pipe[2];
    struct text list = {0};
    char part[4096];
    ssize_t got;
    int status = 0;
    if (pipe(ends_of_pipe) != 0)
        die("no pipe");
    pid_t child = fork();
    if (child == 0) {
        dup2(ends_of_pipe[1], 1);
        close(ends_of_pipe[0]);
        close(ends_of_pipe[1]);
        execlp("git", "git", "-c", "core.quotePath=off", "ls-files", (char *)NULL);
        _exit(127);
    }
    close(ends_of_pipe[1]);
    while ((got = read(ends_of_pipe[0], part, sizeof part)) > 0)
        text_add(&list, part, (size_t)got);
    close(ends_of_pipe[0]);
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0 || list.len == 0)
        die("check_src needs git and runs at the top of the tree");
    return list.p;
}

/* Objects of two files with one name would replace each other in an archive. */
static void check_unique(const char **paths, size_t count)
{
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < a; b++) {
            const char *x = strrchr(paths[a], '/'), *y = strrchr(paths[b], '/');
            if (x && y && strcmp(x, y) == 0)
                complain(paths[a], 1, 0, "%s has the same name", paths[b]);
        }
    }
}

int main(void)
{
    const char **units = NULL;
    size_t unit_count = 0;
    char *list = list_files(), *rest = list, *path;
    int file_count = 0;
    while ((path = strsep(&rest, "\n")) != NULL && *path) {
        check_file(path);
        file_count++;
        if (starts(path, "src/") && ends(path, ".c")) {
            units = must_grow(units, (unit_count + 1) * sizeof *units);
            units[unit_count++] = path;
        }
    }
    check_unique(units, unit_count);
    check_cycles();
    printf("check_src: %d files, %d findings, %d gaps\n", file_count, complaint_count(),
           gap_count);
    return complaint_count() > 0 ? 1 : 0;
}
