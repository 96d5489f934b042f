/* What the pages of tips, postings, assemblies and grievances share. */
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "casework/public_view.h"
#include "people/actor.h"
#include "work/notice.h"

#include <unistd.h>

enum { ONCE_BYTES = 16, HOST_MAX = 200 };

static bool host_fits(struct str host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.p[i];
        bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' || c == '[' ||
                    c == ']';
        if (!fits)
            return false;
    }
    return host.len > 0 && host.len <= HOST_MAX;
}

bool public_has_state(const struct cx *cx, enum state_kind kind)
{
    const struct workflows *all = cx->profile->workflows;
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->list[i].state_count; k++)
            if (all->list[i].states[k].kind == kind)
                return true;
    return false;
}

const char *public_address(struct cx *cx, const struct request *q, int64_t county,
                           const char *path)
{
    struct notice_settings s;
    struct str host = request_header(q, "Host");
    if (notice_settings_used(&s, cx, county)) {
        err_clear(cx);
        s.page_url = "";
    }
    struct str base = str_of(s.page_url);
    while (base.len && base.p[base.len - 1] == '/')
        base.len--;
    if (base.len)
        return arena_printf(cx->arena, "%.*s%s", STR_ARG(base), path);
    return host_fits(host) ? arena_printf(cx->arena, "%s://%.*s%s", q->tls ? "https" : "http",
                                          STR_ARG(host), path)
                           : path;
}

const char *public_once(struct cx *cx)
{
    uint8_t bytes[ONCE_BYTES];
    crypto_random(bytes, sizeof bytes);
    return hex_of(cx->arena, bytes, sizeof bytes);
}

bool public_is_robot(const struct request *q)
{
    return request_form(q, "website").len > 0;
}

const struct actor *public_begin(struct cx *cx)
{
    const struct actor *self = cx->actor;
    cx->actor = NULL;
    return self;
}

bool public_told(const char **error, struct cx *cx, struct response *a, enum rc rc)
{
    if (rc != RC_INVALID && rc != RC_NOTFOUND && rc != RC_BUSY && rc != RC_LIMIT &&
        rc != RC_DENIED && rc != RC_CONFLICT)
        return false;
    if (!cx->err.text[0])
        return false;
    *error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    a->status = rc == RC_BUSY ? 429 : http_status_of(rc);
    return true;
}

const char *form_text(struct cx *cx, const struct request *q, const char *name)
{
    struct str s = request_form(q, name);
    return s.len ? arena_copy(cx->arena, s) : "";
}

static int64_t id_of(struct str s)
{
    int64_t id;
    return str_to_i64(&id, str_trim(s)) && id > 0 ? id : 0;
}

int64_t form_id(const struct request *q, const char *name)
{
    return id_of(request_form(q, name));
}

int64_t query_id(const struct request *q, const char *name)
{
    return id_of(request_query(q, name));
}

enum rc public_pdf(struct cx *cx, struct response *a, const char *name, public_pdf_fn write,
                   void *arg)
{
    struct file_temp temp;
    TRY(file_temp_open(&temp, cx, cx->dir));
    enum rc rc = write(cx, arg, temp.fd);
    int fd = rc ? -1 : dup(temp.fd);
    file_temp_drop(&temp);
    TRY(rc);
    if (fd < 0)
        return fail(cx, RC_IO, _("The file could not be made. Please try again."), "dup");
    a->file_fd = fd;
    a->file_len = lseek(fd, 0, SEEK_END);
    a->type = "application/pdf";
    response_header(cx, a, "Content-Disposition",
                    arena_printf(cx->arena, "attachment; filename=\"%s.pdf\"", name));
    return RC_OK;
}
