/* What the host tools share; see tool.h. */
#include "common/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

static int complaints;

void die(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(2);
}

void *must_grow(void *p, size_t size)
{
    void *grown = realloc(p, size ? size : 1);
    if (!grown)
        die("out of memory");
    return grown;
}

void *must_alloc(size_t size)
{
    return memset(must_grow(NULL, size), 0, size);
}

char *must_copy(const char *p, size_t len)
{
    char *copy = must_alloc(len + 1);
    if (len > 0)
        memcpy(copy, p, len);
    return copy;
}

void text_add(struct text *t, const char *p, size_t len)
{
    if (t->len + len + 1 > t->cap) {
        t->cap = (t->len + len + 1) * 2;
        t->p = must_grow(t->p, t->cap);
    }
    if (len > 0)
        memcpy(t->p + t->len, p, len);
    t->len += len;
    t->p[t->len] = '\0';
}

void text_z(struct text *t, const char *z)
{
    text_add(t, z, strlen(z));
}

void text_char(struct text *t, char c)
{
    text_add(t, &c, 1);
}

void text_printf(struct text *t, const char *format, ...)
{
    va_list ap;
    char *made = NULL;
    va_start(ap, format);
    int len = vasprintf(&made, format, ap);
    va_end(ap);
    if (len < 0)
        die("out of memory");
    text_add(t, made, (size_t)len);
    free(made);
}

/* One byte inside a literal. Octal with three digits cannot swallow what follows. */
static void literal_byte(struct text *t, unsigned char c)
{
    if (c == '\n')
        text_z(t, "\\n");
    else if (c == '"' || c == '\\' || c == '?')
        text_printf(t, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
        text_printf(t, "\\%03o", c);
    else
        text_char(t, (char)c);
}

void text_literal(struct text *t, const char *p, size_t len, const char *indent)
{
    size_t at = 0;
    text_printf(t, "%s\"", indent);
    size_t line_start = t->len;
    while (at < len) {
        unsigned char c = (unsigned char)p[at++];
        literal_byte(t, c);
        /* A new line only where no UTF-8 character is cut, to keep the output readable. */
        bool at_border = at < len && ((unsigned char)p[at] & 0xC0) != 0x80;
        if (at_border && (c == '\n' || t->len - line_start > 90)) {
            text_printf(t, "\"\n%s\"", indent);
            line_start = t->len;
        }
    }
    text_char(t, '"');
}

char *file_read(const char *path, size_t *len)
{
    struct text t = {0};
    char part[4096];
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die("%s: %s", path, strerror(errno));
    while ((got = read(fd, part, sizeof part)) > 0)
        text_add(&t, part, (size_t)got);
    if (got < 0)
        die("%s: %s", path, strerror(errno));
    close(fd);
    text_add(&t, "", 0);
    *len = t.len;
    return t.p;
}

void file_write(const char *path, const struct text *t)
{
    struct text fresh = {0};
    text_printf(&fresh, "%s.%ld.new", path, (long)getpid());
    FILE *f = fopen(fresh.p, "wb");
    if (!f)
        die("%s: %s", fresh.p, strerror(errno));
    bool good = fwrite(t->p, 1, t->len, f) == t->len;
    good = fclose(f) == 0 && good;
    if (!good || rename(fresh.p, path) != 0) {
        int why = errno;
        unlink(fresh.p);
        die("%s: %s", path, strerror(why));
    }
    free(fresh.p);
}

void complain(const char *path, int line, int column, const char *format, ...)
{
    va_list ap;
    complaints++;
    if (column > 0)
        fprintf(stderr, "%s:%d:%d: ", path, line, column);
    else
        fprintf(stderr, "%s:%d: ", path, line);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
}

int complaint_count(void)
{
    return complaints;
}

struct text_place place_of(const char *text, size_t offset)
{
    struct text_place place = {1, 1};
    for (size_t i = 0; i < offset; i++) {
        place.column++;
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return place;
}

bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name_char(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9');
}

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

size_t string_end(const char *text, size_t len, size_t at, bool escapes)
{
    char quote = text[at++];
    while (at < len) {
        if (escapes && text[at] == '\\')
            at += 2;
        else if (text[at] != quote)
            at++;
        else if (!escapes && at + 1 < len && text[at + 1] == quote)
            at += 2;
        else
            return at + 1;
    }
    return len;
}

char *macro_name(const char *name)
{
    char *upper = must_copy(name, strlen(name));
    for (char *p = upper; *p; p++) {
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
        else if (!is_name_char(*p))
            *p = '_';
    }
    return upper;
}

const char *room_path(const char *path)
{
    return strncmp(path, "src/", 4) == 0 ? path + 4 : path;
}

static int path_order(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

const char **sorted_paths(char **paths, int count)
{
    const char **sorted = must_alloc(((size_t)count + 1) * sizeof *sorted);
    for (int i = 0; i < count; i++)
        sorted[i] = paths[i];
    qsort(sorted, (size_t)count, sizeof *sorted, path_order);
    return sorted;
}

static size_t utf8_length_of(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if ((lead & 0xF0) == 0xE0)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

size_t utf8_bad(const char *p, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t wide = utf8_length_of((unsigned char)p[at]);
        if (wide == 0 || at + wide > len || p[at] == '\0')
            return at;
        for (size_t i = 1; i < wide; i++) {
            if (((unsigned char)p[at + i] & 0xC0) != 0x80)
                return at;
        }
        at += wide;
    }
    return len;
}

uint32_t utf8_take(const char *p, size_t len, size_t *at)
{
    unsigned char lead = (unsigned char)p[*at];
    size_t wide = utf8_length_of(lead);
    if (wide <= 1 || *at + wide > len) {
        (*at)++;
        return lead;
    }
    uint32_t code = lead & (0xFFu >> (wide + 1));
    for (size_t i = 1; i < wide; i++)
        code = code << 6 | ((unsigned char)p[*at + i] & 0x3Fu);
    *at += wide;
    return code;
}
