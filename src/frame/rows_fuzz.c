/* Any bytes as a normal form: the parent's reader against a converter that was taken over. The
 * input's last bytes are made a foot whose numbers come from the input, so that more is
 * reached. */
#include "frame/frame_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void put64(uint8_t *p, uint64_t n)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(n >> (8 * i));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    struct cx cx;
    cx_init(&cx, arena_open(64 << 20));
    (void)fuzz_form(&cx, p, len); /* any answer is right; reading outside is not */
    if (len >= 4) {
        size_t body = len - 4, rows = p[0], sheets = 1 + p[1] % 4, tail = p[2];
        uint8_t *form = malloc(NORMAL_MARK + body + NORMAL_FOOT);
        assert(form != NULL);
        memcpy(form, NORMAL_HEAD, NORMAL_MARK);
        memcpy(form + NORMAL_MARK, p + 4, body);
        uint8_t *foot = form + NORMAL_MARK + body;
        uint64_t sheets_at = NORMAL_MARK + body - (tail < body ? tail : body);
        put64(foot, rows);
        put64(foot + 8, sheets_at - rows * 8);
        put64(foot + 16, sheets_at);
        put64(foot + 24, sheets);
        put64(foot + 32, p[3] & 3);
        put64(foot + 40, p[3] >> 6);
        memcpy(foot + 48, NORMAL_TAIL, NORMAL_MARK);
        (void)fuzz_form(&cx, form, NORMAL_MARK + body + NORMAL_FOOT);
        free(form);
    }
    arena_free(cx.arena);
    return 0;
}
