/* The reader of multipart/form-data: a state machine over bytes. It knows no request and no
 * file: the file's bytes go to a sink. Bounded everywhere: header block, parts, text, boundary.
 *
 * Search for the delimiter "\r\n--boundary": its first byte occurs nowhere else in it, so after
 * a mismatch only the present byte can begin it anew; no table is needed. */
#include "http/multipart.h"

#include "http/http_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BOUNDARY_MAX = 70, PART_HEADER_MAX = 4096, PART_NAME_MAX = 256 };

enum place {
    PLACE_PREAMBLE,  /* before the first delimiter */
    PLACE_DELIMITER, /* behind a delimiter: "--", or blanks and a line end */
    PLACE_CLOSING,   /* behind delimiter and '-' */
    PLACE_LINE_END,  /* behind delimiter, blanks and '\r' */
    PLACE_HEADER,
    PLACE_BODY,
    PLACE_EPILOGUE,
};

struct part {
    size_t name_at, name_len, value_at, value_len; /* in `texts` */
};

struct multipart {
    char delimiter[4 + BOUNDARY_MAX];
    size_t delimiter_len, matched;
    enum place place;
    enum multipart_state state;
    struct multipart_limits limits;
    multipart_sink sink;
    void *sink_arg;
    struct buf header; /* of the part being read */
    struct buf texts, parts, file_name, file_type;
    size_t part_count;     /* text parts */
    size_t part_count_all; /* with files and what is ignored */
    bool in_file, in_ignored, has_file;
    int64_t file_len;
};

/* The value of a parameter (`name` in lower case) in "x; name=value; other=\"quoted\"". In
 * quotes a backslash hides only a quote: Internet Explorer sent C:\dir\name. *quoted_len counts
 * the raw bytes; the value shares the bytes of `header`, still with its backslashes. */
static struct str parameter(struct str header, const char *name)
{
    struct str rest = header;
    (void)str_cut(&rest, ';');
    while (rest.p) {
        rest = str_trim(rest);
        size_t i = 0;
        while (i < rest.len && rest.p[i] != '=' && rest.p[i] != ';')
            i++;
        struct str key = str_trim((struct str){rest.p, i});
        if (i == rest.len || rest.p[i] == ';') {
            (void)str_cut(&rest, ';');
            continue;
        }
        struct str value = {rest.p + i + 1, rest.len - i - 1};
        size_t len = 0;
        if (value.len && value.p[0] == '"') {
            value = (struct str){value.p + 1, value.len - 1};
            while (len < value.len && value.p[len] != '"')
                len += value.p[len] == '\\' && len + 1 < value.len && value.p[len + 1] == '"'
                           ? 2
                           : 1;
            if (len >= value.len)
                return (struct str){NULL, 0}; /* no closing quote */
        } else {
            while (len < value.len && value.p[len] != ';')
                len++;
        }
        if (str_eq_case(key, name))
            return (struct str){value.p, len};
        rest = (struct str){value.p + len, value.len - len};
        (void)str_cut(&rest, ';');
    }
    return (struct str){NULL, 0};
}

static bool is_boundary_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("'()+_,-./:=? ", c));
}

struct str multipart_boundary(struct str content_type)
{
    const struct str none = {NULL, 0};
    if (!type_is(content_type, "multipart/form-data"))
        return none;
    struct str b = parameter(content_type, "boundary");
    if (b.len == 0 || b.len > BOUNDARY_MAX || b.p[b.len - 1] == ' ')
        return none;
    for (size_t i = 0; i < b.len; i++)
        if (!is_boundary_char(b.p[i]))
            return none;
    return b;
}

struct multipart *multipart_new(struct str boundary, struct multipart_limits limits,
                                multipart_sink sink, void *sink_arg)
{
    assert(boundary.len > 0 && boundary.len <= BOUNDARY_MAX);
    struct multipart *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.p, boundary.len);
    m->delimiter_len = 4 + boundary.len;
    m->matched = 2; /* the first delimiter may stand at the very beginning */
    m->limits = limits;
    m->sink = sink;
    m->sink_arg = sink_arg;
    buf_init(&m->header, NULL, PART_HEADER_MAX);
    buf_init(&m->texts, NULL, limits.text_max);
    buf_init(&m->parts, NULL, limits.parts_max * sizeof(struct part));
    buf_init(&m->file_name, NULL, PART_NAME_MAX);
    buf_init(&m->file_type, NULL, PART_NAME_MAX);
    return m;
}

void multipart_free(struct multipart *m)
{
    if (!m)
        return;
    buf_free(&m->header);
    buf_free(&m->texts);
    buf_free(&m->parts);
    buf_free(&m->file_name);
    buf_free(&m->file_type);
    free(m);
}

static void set_state(struct multipart *m, enum multipart_state state)
{
    if (m->state == MULTIPART_MORE)
        m->state = state;
}

/* ---- a part begins ---- */

/* The value of a header line of the part, by lower-case name. */
static struct str part_header(struct multipart *m, const char *name)
{
    struct str rest = buf_view(&m->header);
    while (rest.p) {
        struct str value = str_cut(&rest, '\n');
        struct str key = str_cut(&value, ':');
        if (value.p && str_eq_case(str_trim(key), name))
            return str_trim(value);
    }
    return (struct str){NULL, 0};
}

/* Copies a parameter's raw value without the backslashes before quotes and with the three
 * escapes that browsers use (%22, %0D, %0A; source: WHATWG HTML, multipart encoding) undone or
 * dropped. */
static void put_parameter(struct buf *to, struct str raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        struct str rest = {raw.p + i, raw.len - i};
        if (str_starts(rest, STR("\\\"")))
            continue;
        if (str_starts(rest, STR("%22"))) {
            buf_char(to, '"');
            i += 2;
        } else if (str_starts(rest, STR("%0D")) || str_starts(rest, STR("%0A"))) {
            i += 2;
        } else {
            buf_char(to, raw.p[i]);
        }
    }
}

static struct str base_name(struct str path)
{
    for (size_t i = path.len; i > 0; i--)
        if (path.p[i - 1] == '/' || path.p[i - 1] == '\\')
            return (struct str){path.p + i, path.len - i};
    return path;
}

/* A file name longer than we keep loses its beginning, not its ending. */
static void begin_file(struct multipart *m, struct str name)
{
    if (m->has_file) {
        set_state(m, MULTIPART_TWO_FILES);
        return;
    }
    m->has_file = true;
    m->in_file = true;
    struct str base = base_name(name);
    if (base.len > 200)
        base = (struct str){base.p + (base.len - 200), 200};
    while (base.len && ((unsigned char)base.p[0] & 0xC0) == 0x80)
        base = (struct str){base.p + 1, base.len - 1};
    put_parameter(&m->file_name, base);
    struct str type = part_header(m, "content-type");
    if (type.p && type.len <= 100)
        buf_str(&m->file_type, type);
}

static void begin_text(struct multipart *m, struct str name)
{
    struct part part = {.name_at = m->texts.len};
    if (m->part_count == m->limits.parts_max) {
        set_state(m, MULTIPART_TOO_MUCH);
        return;
    }
    put_parameter(&m->texts, name);
    part.name_len = m->texts.len - part.name_at;
    part.value_at = m->texts.len;
    buf_put(&m->parts, &part, sizeof part);
    m->part_count++;
    if (!buf_ok(&m->texts) || !buf_ok(&m->parts))
        set_state(m, MULTIPART_TOO_MUCH);
}

static void begin_part(struct multipart *m)
{
    struct str disposition = part_header(m, "content-disposition");
    struct str name = parameter(disposition, "name");
    struct str file = parameter(disposition, "filename");
    m->place = PLACE_BODY;
    m->in_file = m->in_ignored = false;
    if (++m->part_count_all > m->limits.parts_max + 1)
        set_state(m, MULTIPART_TOO_MUCH);
    else if (!type_is(disposition, "form-data") || !name.p || name.len > PART_NAME_MAX)
        set_state(m, MULTIPART_MALFORMED);
    else if (file.p && file.len == 0)
        m->in_ignored = true; /* a file field left empty */
    else if (file.p)
        begin_file(m, file);
    else
        begin_text(m, name);
}

/* ---- bytes of a part ---- */

static struct part *last_part(struct multipart *m)
{
    return (struct part *)(void *)(m->parts.p + (m->part_count - 1) * sizeof(struct part));
}

static void put_body(struct multipart *m, const char *p, size_t len)
{
    if (len == 0 || m->in_ignored || m->state != MULTIPART_MORE)
        return;
    if (m->in_file) {
        m->file_len += (int64_t)len;
        if (!m->sink(m->sink_arg, p, len))
            set_state(m, MULTIPART_SINK);
        return;
    }
    buf_put(&m->texts, p, len);
    if (!buf_ok(&m->texts))
        set_state(m, MULTIPART_TOO_MUCH);
    else
        last_part(m)->value_len += len;
}

/* Passes on bytes until a delimiter is complete; how many were read. */
static size_t read_body(struct multipart *m, const char *p, size_t len)
{
    size_t i = 0;
    bool keep = m->place == PLACE_BODY;
    while (i < len) {
        if (m->matched == 0) {
            const char *cr = memchr(p + i, '\r', len - i);
            size_t end = cr ? (size_t)(cr - p) : len;
            if (keep)
                put_body(m, p + i, end - i);
            i = end;
            if (!cr)
                break;
        }
        if (p[i] == m->delimiter[m->matched]) {
            i++;
            if (++m->matched == m->delimiter_len) {
                m->matched = 0;
                m->place = PLACE_DELIMITER;
                return i;
            }
        } else {
            /* What seemed to be a delimiter was data. */
            if (keep)
                put_body(m, m->delimiter, m->matched);
            m->matched = 0;
        }
    }
    return len;
}

/* ---- between parts ---- */

static void read_header_byte(struct multipart *m, char c)
{
    buf_char(&m->header, c);
    struct str h = buf_view(&m->header);
    if (!buf_ok(&m->header))
        set_state(m, MULTIPART_TOO_MUCH);
    else if (c == 0)
        set_state(m, MULTIPART_MALFORMED);
    else if (str_ends(h, STR("\r\n\r\n")))
        begin_part(m);
    else if (str_eq(h, STR("\r\n")))
        set_state(m, MULTIPART_MALFORMED); /* a part without a name */
}

static void read_byte(struct multipart *m, char c)
{
    switch (m->place) {
    case PLACE_DELIMITER:
        if (c == '-')
            m->place = PLACE_CLOSING;
        else if (c == '\r')
            m->place = PLACE_LINE_END;
        else if (c != ' ' && c != '\t')
            set_state(m, MULTIPART_MALFORMED);
        break;
    case PLACE_CLOSING:
        m->place = PLACE_EPILOGUE;
        set_state(m, c == '-' ? MULTIPART_END : MULTIPART_MALFORMED);
        break;
    case PLACE_LINE_END:
        m->place = PLACE_HEADER;
        buf_clear(&m->header);
        if (c != '\n')
            set_state(m, MULTIPART_MALFORMED);
        break;
    case PLACE_HEADER:
        read_header_byte(m, c);
        break;
    case PLACE_PREAMBLE:
    case PLACE_BODY:
    case PLACE_EPILOGUE:
        break;
    }
}

enum multipart_state multipart_feed(struct multipart *m, const void *p, size_t len)
{
    const char *bytes = p;
    size_t i = 0;
    while (i < len && m->state == MULTIPART_MORE) {
        if (m->place == PLACE_BODY || m->place == PLACE_PREAMBLE)
            i += read_body(m, bytes + i, len - i);
        else
            read_byte(m, bytes[i++]);
    }
    return m->state;
}

/* ---- what was read ---- */

enum multipart_state multipart_state_get(const struct multipart *m)
{
    return m->state;
}

size_t multipart_count(const struct multipart *m)
{
    return m->part_count;
}

static struct part part_at(const struct multipart *m, size_t i)
{
    struct part part;
    assert(i < m->part_count);
    memcpy(&part, m->parts.p + i * sizeof part, sizeof part);
    return part;
}

struct str multipart_name(struct multipart *m, size_t i)
{
    struct part part = part_at(m, i);
    return (struct str){buf_view(&m->texts).p + part.name_at, part.name_len};
}

struct str multipart_value(struct multipart *m, size_t i)
{
    struct part part = part_at(m, i);
    return (struct str){buf_view(&m->texts).p + part.value_at, part.value_len};
}

bool multipart_has_file(const struct multipart *m)
{
    return m->has_file;
}

struct str multipart_file_name(struct multipart *m)
{
    return buf_view(&m->file_name);
}

struct str multipart_file_type(struct multipart *m)
{
    return buf_view(&m->file_type);
}

int64_t multipart_file_len(const struct multipart *m)
{
    return m->file_len;
}
