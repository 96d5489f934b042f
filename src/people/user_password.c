/* Passwords: which are good enough, and Argon2id with few at a time, because each takes 64 MiB
 * and a tenth of a second. Nothing is stored here. */
#include "base/crypto.h"
#include "base/text.h"
#include "base/utf8.h"
#include "people/people_inner.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>

enum { PASSWORD_MIN = 10, PASSWORD_MAX = 256, HASHINGS_MAX = 2, HASHING_WAIT_MS = 5000 };

/* The head of public lists of leaked passwords, those of ten bytes and more; shorter ones are
 * refused by length. Source: the "10-million-password-list" family of SecLists, first ranks,
 * and the same habits on a Chinese keyboard (woaini = "I love you"). */
static const char *const common[] = {
    "0123456789",     "0987654321",       "1111111111",    "1122334455",
    "123123123123",   "1234512345",       "12345678900",   "1234567890",
    "123456789a",     "123456789q",       "1234567891",    "12345678910",
    "123456789abc",   "1234567899",       "12345qwert",    "1357924680",
    "147258369000",   "1472583690",       "1q2w3e4r5t",    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",   "1qazxsw23edc",     "5201314520",    "520131452013",
    "5211314521",     "7777777777",       "8888888888",    "9876543210",
    "9999999999",     "a123456789",       "aa12345678",    "aa123456789",
    "abc1234567",     "abc123456789",     "abcd123456",    "abcd1234567",
    "abcd12345678",   "abcdefghij",       "admin12345",    "admin123456",
    "admin123456789", "adminadmin",       "administrator", "asd123456789",
    "asdfghjkl1",     "asdfghjkl123",     "asdfghjkl;",    "asdfghjklqwerty",
    "basketball1",    "changeme123",      "changemenow",   "football123",
    "fumin12345",     "fumin123456",      "fuminfumin",    "iloveyou123",
    "iloveyou12",     "letmein123",       "letmein1234",   "liverpool1",
    "manchester",     "p@ssw0rd123",      "p@ssword123",   "passw0rd123",
    "password01",     "password10",       "password11",    "password12",
    "password123",    "password1234",     "password12345", "password123456",
    "password!!",     "passwordpassword", "q1w2e3r4t5",    "q1w2e3r4t5y6",
    "qazwsxedc123",   "qazwsxedcrfv",     "qq123456789",   "qwe123456789",
    "qwer123456",     "qwert12345",       "qwerty12345",   "qwerty123456",
    "qwertyuiop",     "qwertyuiop1",      "qwertyuiop123", "qwertyuiop[]",
    "superman123",    "welcome123",       "welcome1234",   "woaini1314",
    "woaini1314520",  "woaini521",        "woaini5201314", "woaini123456",
    "zaq12wsxcde3",   "zhongguo123",      "zxcvbnm123",    "zxcvbnm1234",
    "zxcvbnm,./",     "zxcvbnmasdfghjkl",
};

/* The same character all along, or each one beside the last ("abcdefghijkl", "4567890123"). */
static bool is_run(struct str s)
{
    int step = s.len > 1 ? s.p[1] - s.p[0] : 0;
    if (step < -1 || step > 1)
        return false;
    for (size_t i = 1; i < s.len; i++) {
        if (s.p[i] - s.p[i - 1] != step)
            return false;
    }
    return true;
}

enum rc user_password_ok(struct cx *cx, struct str login, struct str password)
{
    if (password.len < PASSWORD_MIN)
        return fail_f(cx, RC_INVALID,
                      _("The password is too short: at least %d characters. Several words are "
                        "easy to remember."),
                      (int)PASSWORD_MIN);
    if (password.len > PASSWORD_MAX)
        return fail_f(cx, RC_INVALID, _("The password is too long: at most %d bytes."),
                      (int)PASSWORD_MAX);
    if (utf8_bad_at(password) < password.len)
        return fail(cx, RC_INVALID, _("The password holds characters that cannot be read."),
                    "not utf-8");
    struct str folded = utf8_fold(cx, password), name = utf8_fold(cx, login);
    if (name.len > 0 && str_eq(folded, name))
        return fail(cx, RC_INVALID, _("The password must not be the user name."), "login");
    bool known = is_run(folded);
    for (size_t i = 0; i < sizeof common / sizeof common[0] && !known; i++)
        known = str_eq_z(folded, common[i]);
    if (known)
        return fail(
            cx, RC_INVALID,
            _("This password is among the first that others would try. Choose another."),
            "common");
    return RC_OK;
}

/* ---- few at a time ---- */

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_free;
static pthread_once_t gate_once = PTHREAD_ONCE_INIT;
static int gate_inside;
/* Argon2id of nothing in particular: what unknown logins are checked against. */
static char gate_decoy[160];

static void gate_make(void)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&gate_free, &attr);
    pthread_condattr_destroy(&attr);
}

static enum rc gate_enter(struct cx *cx)
{
    pthread_once(&gate_once, gate_make);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += HASHING_WAIT_MS / 1000;
    int late = 0;
    pthread_mutex_lock(&gate_lock);
    while (gate_inside >= HASHINGS_MAX && late != ETIMEDOUT)
        late = pthread_cond_timedwait(&gate_free, &gate_lock, &until);
    bool in = gate_inside < HASHINGS_MAX;
    if (in)
        gate_inside++;
    pthread_mutex_unlock(&gate_lock);
    if (!in)
        return fail(cx, RC_BUSY,
                    _("Too many people are signing in at this moment. Try again in a few "
                      "seconds."),
                    "hashings=%d", (int)HASHINGS_MAX);
    return RC_OK;
}

static void gate_leave(void)
{
    pthread_mutex_lock(&gate_lock);
    assert(gate_inside > 0);
    gate_inside--;
    pthread_cond_signal(&gate_free);
    pthread_mutex_unlock(&gate_lock);
}

enum rc people_hash(const char **out, struct cx *cx, struct str password)
{
    TRY(gate_enter(cx));
    enum rc rc = password_hash(out, cx, password);
    gate_leave();
    return rc;
}

/* Made at the first check of any password, known login or not, so that it tells nothing. */
static enum rc decoy_make(struct cx *cx)
{
    pthread_mutex_lock(&gate_lock);
    bool made = gate_decoy[0] != '\0';
    pthread_mutex_unlock(&gate_lock);
    if (made)
        return RC_OK;
    const char *hash;
    TRY(people_hash(&hash, cx, str_of(token_new(cx->arena))));
    assert(strlen(hash) < sizeof gate_decoy);
    pthread_mutex_lock(&gate_lock);
    if (!gate_decoy[0])
        snprintf(gate_decoy, sizeof gate_decoy, "%s", hash);
    pthread_mutex_unlock(&gate_lock);
    return RC_OK;
}

enum rc people_check(bool *ok, struct cx *cx, const char *hash, struct str password)
{
    TRY(decoy_make(cx));
    if (password.len > PASSWORD_MAX)
        password.len = PASSWORD_MAX; /* cannot fit, and must not cost more */
    TRY(gate_enter(cx));
    bool fits = password_check(str_of(hash ? hash : gate_decoy), password);
    gate_leave();
    *ok = fits && hash;
    return RC_OK;
}
