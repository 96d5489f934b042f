/* embed: files become C arrays in the program. See doc/tools.md and base/embed.h.
 *     embed OUT.c FILES...               build/gen/embed_files.c
 *     embed --migrations OUT.c FILES...  build/gen/migrations.c, see db/migration.h */
#include "common/tool.h"

#include <zlib.h>

/* Media type by ending, and whether it is worth compressing. */
static const struct {
    const char *ending, *type;
    bool is_text;
} types[] = {
    {".css", "text/css; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".json", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".html", "text/html; charset=utf-8", true},
    {".csv", "text/csv; charset=utf-8", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".md", "text/plain; charset=utf-8", true},
    {".svg", "image/svg+xml", true},
    {".png", "image/png", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
    {"", "application/octet-stream", true},
};

static size_t type_of(const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0;; i++) {
        size_t ending = strlen(types[i].ending);
        if (ending <= len && strcmp(path + len - ending, types[i].ending) == 0)
            return i;
    }
}

/* Source: Fowler, Noll, Vo; 64-bit FNV-1a. Tells versions apart, protects nothing. */
static uint64_t hash(const char *p, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
    return h;
}

/* Compressed with a gzip header without time or name, so that builds repeat. */
static char *gzip(const char *p, size_t len, size_t *out_len)
{
    enum { GZIP_WINDOW = 15 + 16 };
    z_stream z = {0};
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY))
        die("zlib failed");
    size_t room = deflateBound(&z, len) + 64;
    char *out = must_alloc(room);
    z.next_in = (Bytef *)(uintptr_t)p;
    z.avail_in = (uInt)len;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        die("zlib failed");
    *out_len = z.total_out;
    deflateEnd(&z);
    return out;
}

static void put_array(struct text *out, const char *name, int number, const char *p, size_t len)
{
    text_printf(out, "static const unsigned char %s_%d[] =\n", name, number);
    /* Bytes that are no UTF-8 must not reach the source as they are. */
    if (utf8_bad(p, len) == len) {
        text_literal(out, p, len, "    ");
    } else {
        text_z(out, "    \"");
        for (size_t i = 0; i < len; i++)
            text_printf(out, "\\%03o%s", (unsigned char)p[i], i % 22 == 21 ? "\"\n    \"" : "");
        text_char(out, '"');
    }
    text_z(out, ";\n");
}

/* Adds the file's arrays to `out` and its row to `table`. */
static void embed_file(struct text *out, struct text *table, const char *path, int number)
{
    size_t len, gzip_len = 0, type = type_of(path);
    char *data = file_read(path, &len);
    char *packed = types[type].is_text ? gzip(data, len, &gzip_len) : NULL;
    bool is_packed = packed && gzip_len < len;
    put_array(out, "data", number, data, len);
    if (is_packed)
        put_array(out, "gzip", number, packed, gzip_len);
    text_printf(table, "    {.path = \"%s\",\n     .data = data_%d,\n     .len = %zu,\n", path,
                number, len);
    text_printf(table, "     .etag = \"\\\"%016llx\\\"\",\n     .type = \"%s\"",
                (unsigned long long)hash(data, len), types[type].type);
    if (is_packed)
        text_printf(table, ",\n     .gzip = gzip_%d,\n     .gzip_len = %zu", number, gzip_len);
    text_z(table, "},\n");
    free(data);
    free(packed);
}

static void embed_files(const char *out_path, const char **paths)
{
    struct text out = {0}, table = {0};
    int count = 0;
    text_z(&out, "/* Made by tools/embed. */\n#include \"base/embed.h\"\n\n");
    for (; paths[count]; count++) {
        if (count > 0 && strcmp(paths[count - 1], paths[count]) == 0)
            die("%s: given twice", paths[count]);
        embed_file(&out, &table, paths[count], count);
    }
    text_printf(&out,
                "\nconst struct embedded embedded_files[] = {\n%s    {.path = NULL},\n};\n",
                table.p ? table.p : "");
    text_printf(&out, "const size_t embedded_count = %d;\n", count);
    file_write(out_path, &out);
}

/* "…/0001_base.sql" gives 1 and "0001_base"; 0 when the name is not of that form. */
static int migration_number(const char *path, char **name)
{
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    size_t len = strlen(file);
    int number = 0;
    for (int i = 0; i < 4; i++) {
        if (file[i] < '0' || file[i] > '9')
            return 0;
        number = number * 10 + (file[i] - '0');
    }
    if (file[4] != '_' || len < 10 || strcmp(file + len - 4, ".sql") != 0)
        return 0;
    *name = must_copy(file, len - 4);
    return number;
}

/* The last line that is neither blank nor a comment must end in ';', and a line that looks
 * like a switch must be one. */
static void check_migration(const char *path, const char *text, size_t len)
{
    int line = 1, last_line = 0;
    bool is_open = false;
    size_t bad = utf8_bad(text, len);
    if (bad < len)
        complain(path, place_of(text, bad).line, 0, "not UTF-8");
    for (size_t at = 0; at < len; line++) {
        size_t end = at;
        while (end < len && text[end] != '\n')
            end++;
        size_t trimmed = end;
        while (trimmed > at && is_blank(text[trimmed - 1]))
            trimmed--;
        bool is_comment = strncmp(text + at, "--", 2) == 0;
        bool is_switch = strncmp(text + at, "-- lite:", 8) == 0 ||
                         strncmp(text + at, "-- pg:", 6) == 0 ||
                         strncmp(text + at, "-- both:", 8) == 0;
        if (is_switch && is_open)
            complain(path, line, 1, "the statement before this switch does not end in ;");
        if (!is_comment && trimmed > at) {
            is_open = text[trimmed - 1] != ';';
            last_line = line;
        }
        at = end + 1;
    }
    if (is_open)
        complain(path, last_line, 0, "the last statement does not end in ;");
    if (last_line == 0)
        complain(path, 1, 0, "no statement");
}

static void embed_migrations(const char *out_path, const char **paths)
{
    struct text out = {0};
    int count = 0, before = 0;
    text_z(&out, "/* Made by tools/embed. */\n#include \"db/migration.h\"\n\n"
                 "const struct migration migrations[] = {\n");
    for (; paths[count]; count++) {
        size_t len;
        char *name = NULL, *text = file_read(paths[count], &len);
        int number = migration_number(paths[count], &name);
        if (number == 0)
            die("%s: a migration is named NNNN_what.sql, from 0001", paths[count]);
        if (number == before)
            die("%s: another migration has this number", paths[count]);
        check_migration(paths[count], text, len);
        before = number;
        text_printf(&out, "    {.number = %d,\n     .name = \"%s\",\n     .text =\n", number,
                    name);
        text_literal(&out, text, len, "         ");
        text_z(&out, "},\n");
    }
    text_printf(&out, "    {.number = 0},\n};\nconst size_t migration_count = %d;\n", count);
    if (complaint_count() > 0)
        exit(1);
    file_write(out_path, &out);
}

int main(int argc, char **argv)
{
    bool is_migrations = argc >= 3 && strcmp(argv[1], "--migrations") == 0;
    if (argc < 2)
        die("usage: embed OUT.c FILES... | embed --migrations OUT.c FILES...");
    if (is_migrations)
        embed_migrations(argv[2], sorted_paths(argv + 3, argc - 3));
    else
        embed_files(argv[1], sorted_paths(argv + 2, argc - 2));
    return 0;
}
