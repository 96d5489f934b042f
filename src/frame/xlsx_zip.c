/* The package: opens the zip, inflates parts under one limit, and pumps them through libxml2's
 * SAX parser without entities, DTDs, network or a tree. */
#include "frame/xlsx_parts.h"

#include "base/text.h"

#include <errno.h>
#include <libxml/parser.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 * 1024, NAME_MAX_BYTES = 512 };
static const uint64_t unpacked_most = 2ULL << 30, unpacked_base = 64ULL << 20;
static const uint64_t unpacked_ratio = 200;

struct pump {
    struct xlsx *x;
    const struct xml_handler *handler;
    void *user;
    xmlParserCtxtPtr parser;
    enum rc rc; /* the first failure of a callback */
    bool has_dtd;
};

struct str xml_attribute(const struct xml_element *e, const char *name)
{
    for (int i = 0; i < e->attribute_count; i++) {
        const unsigned char *const *a = e->attributes + (ptrdiff_t)i * 5;
        if (strcmp((const char *)a[0], name) == 0)
            return (struct str){(const char *)a[3], (size_t)(a[4] - a[3])};
    }
    return (struct str){"", 0};
}

enum rc xlsx_damaged(struct cx *cx, const char *part, const char *what)
{
    return fail_f(
        cx, RC_INVALID,
        _("The workbook is damaged or incomplete (in %s: %s). Open it in Excel, save it "
          "again and send that file."),
        part, what);
}

static enum rc bomb(struct xlsx *x)
{
    struct cx *cx = x->cx;
    return fail(cx, RC_LIMIT,
                _("The workbook becomes too large when it is unpacked. Split it into smaller "
                  "files."),
                "unpacked more than %" PRIu64 " bytes", x->unpacked_max);
}

/* ---- the package ---- */

static enum rc refuse_zip(struct cx *cx, int code)
{
    if (code == ZIP_ER_NOZIP || code == ZIP_ER_INCONS)
        return fail(cx, RC_INVALID,
                    _("The workbook is incomplete: its end is missing. Copy or send it again."),
                    "libzip error=%d", code);
    return fail(cx, RC_INVALID,
                _("The workbook could not be unpacked. Open it in Excel and save it again."),
                "libzip error=%d", code);
}

enum rc xlsx_open(struct xlsx *x, int fd)
{
    struct cx *cx = x->cx;
    struct stat st;
    int own = dup(fd);
    FILE *file = own >= 0 && fstat(own, &st) == 0 ? fdopen(own, "rb") : NULL;
    if (file == NULL) {
        if (own >= 0)
            (void)close(own); /* read-only */
        return fail(cx, RC_IO, _("The file could not be read."), "xlsx open: %s",
                    strerrorname_np(errno));
    }
    x->piece = arena_try(cx->arena, PIECE_BYTES);
    if (x->piece == NULL) {
        (void)fclose(file); /* read-only */
        return fail(cx, RC_LIMIT, _("The file could not be read."), "xlsx memory");
    }
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_filep_create(file, 0, -1, &error);
    if (source == NULL) {
        (void)fclose(file); /* read-only */
        return refuse_zip(x->cx, zip_error_code_zip(&error));
    }
    // NOLINTNEXTLINE(clang-analyzer-unix.Stream): the source owns the file
    x->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (x->zip == NULL) {
        zip_source_free(source); /* closes the file too */
        return refuse_zip(x->cx, zip_error_code_zip(&error));
    }
    uint64_t most = (uint64_t)st.st_size * unpacked_ratio + unpacked_base;
    x->unpacked_max = most < unpacked_most ? most : unpacked_most;
    return RC_OK;
}

void xlsx_close(struct xlsx *x)
{
    if (x->zip)
        zip_discard(x->zip);
    x->zip = NULL;
}

/* ---- libxml2's callbacks ---- */

static void failed(struct pump *p, enum rc rc)
{
    if (rc == RC_OK || p->rc != RC_OK)
        return;
    p->rc = rc;
    xmlStopParser(p->parser);
}

/* The parameters are libxml2's. */
// NOLINTNEXTLINE(readability-function-size)
static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count,
                     int defaulted, const xmlChar **attributes)
{
    (void)prefix, (void)uri, (void)namespace_count, (void)namespaces, (void)defaulted;
    struct pump *p = user;
    struct xml_element e = {(const char *)name, (const unsigned char *const *)attributes,
                            attribute_count};
    if (p->rc == RC_OK)
        failed(p, p->handler->start(p->user, &e));
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)prefix, (void)uri;
    struct pump *p = user;
    if (p->rc == RC_OK)
        failed(p, p->handler->end(p->user, (const char *)name));
}

static void on_text(void *user, const xmlChar *text, int len)
{
    struct pump *p = user;
    if (p->rc == RC_OK && len > 0)
        failed(p, p->handler->text(p->user, (struct str){(const char *)text, (size_t)len}));
}

/* A workbook has no DTD; one is an attempt at entities. */
static void on_dtd(void *user, const xmlChar *name, const xmlChar *external,
                   const xmlChar *system_id)
{
    (void)name, (void)external, (void)system_id;
    struct pump *p = user;
    p->has_dtd = true;
    xmlStopParser(p->parser);
}

static void on_error(void *user, xmlErrorPtr error)
{
    (void)user, (void)error; /* the parser's result tells; nothing is printed */
}

/* ---- the pump ---- */

static enum rc pump_bytes(struct pump *p, zip_file_t *file, const char *part)
{
    struct xlsx *x = p->x;
    char *piece = x->piece;
    zip_int64_t n;
    int broken = 0;
    while ((n = zip_fread(file, piece, PIECE_BYTES)) > 0 && broken == 0) {
        x->unpacked += (uint64_t)n;
        if (x->unpacked > x->unpacked_max)
            return bomb(x);
        broken = xmlParseChunk(p->parser, piece, (int)n, 0);
    }
    if (p->rc)
        return p->rc;
    if (p->has_dtd)
        return xlsx_damaged(x->cx, part, "DTD");
    if (n < 0)
        return xlsx_damaged(x->cx, part, "zip");
    if (broken == 0)
        broken = xmlParseChunk(p->parser, piece, 0, 1);
    if (p->rc)
        return p->rc;
    return broken ? xlsx_damaged(x->cx, part, "XML") : RC_OK;
}

static enum rc pump_run(struct pump *p, zip_file_t *file, const char *part)
{
    struct cx *cx = p->x->cx;
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
                         .startElementNs = on_start,
                         .endElementNs = on_end,
                         .characters = on_text,
                         .ignorableWhitespace = on_text,
                         .cdataBlock = on_text,
                         .internalSubset = on_dtd,
                         .serror = on_error};
    p->parser = xmlCreatePushParserCtxt(&sax, p, NULL, 0, NULL);
    if (p->parser == NULL)
        return fail(cx, RC_LIMIT, _("The file could not be read."), "libxml2 memory");
    (void)xmlCtxtUseOptions(p->parser, XML_PARSE_NONET); /* an option it knows */
    enum rc rc = pump_bytes(p, file, part);
    xmlFreeParserCtxt(p->parser);
    return rc;
}

enum rc xlsx_parse(struct xlsx *x, const char *part, const struct xml_handler *h, void *user)
{
    struct cx *cx = x->cx;
    zip_int64_t at = zip_name_locate(x->zip, part, ZIP_FL_NOCASE);
    if (at < 0)
        return RC_NOTFOUND;
    zip_stat_t st;
    if (zip_stat_index(x->zip, (zip_uint64_t)at, 0, &st) != 0)
        return xlsx_damaged(x->cx, part, "zip");
    if ((st.valid & ZIP_STAT_SIZE) && st.size > x->unpacked_max - x->unpacked)
        return bomb(x);
    zip_file_t *file = zip_fopen_index(x->zip, (zip_uint64_t)at, 0);
    if (file == NULL) {
        if (zip_error_code_zip(zip_get_error(x->zip)) == ZIP_ER_NOPASSWD)
            return fail(
                x->cx, RC_INVALID,
                _("This workbook is protected with a password. Take the password off in "
                  "Excel and save it as .xlsx."),
                "encrypted zip entry");
        return xlsx_damaged(x->cx, part, "zip");
    }
    struct pump p = {.x = x, .handler = h, .user = user};
    enum rc rc = pump_run(&p, file, part);
    (void)zip_fclose(file); /* reading: every error was seen by zip_fread */
    return rc;
}
