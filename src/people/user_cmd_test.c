/* Tests of `fumin user` as a person at a terminal sees it: output, exit codes. */
#include "base/check.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/option.h"
#include "base/text.h"
#include "db/db_fixture.h"
#include "people/user.h"
#include "profile/profile.h"
#include "web/commands.h"

#include <fcntl.h>
#include <sys/mman.h>

static char output[8192];
static struct profile *profile;

/* Runs `fumin user WORDS…` with standard input, output and error in files of memory; the output
 * is in `output`. Words are separated by '|'. */
static int run(struct cx *cx, const char *words)
{
    char *argv[16] = {(char *)(uintptr_t)"user"};
    int argc = 1, kept[3], fd[3];
    struct str rest = str_of(words);
    while (rest.p && argc < 15)
        argv[argc++] = (char *)(uintptr_t)arena_copy(cx->arena, str_cut(&rest, '|'));
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        kept[i] = dup(i);
        fd[i] = memfd_create("user_cmd_test", MFD_CLOEXEC);
        assert_true(kept[i] >= 0 && fd[i] >= 0 && dup2(fd[i], i) == i);
    }
    err_clear(cx);
    int code = user_cmd(cx, argc, argv);
    fflush(stdout);
    ssize_t n = pread(fd[1], output, sizeof output - 1, 0);
    output[n > 0 ? n : 0] = '\0';
    for (int i = 0; i < 3; i++) {
        dup2(kept[i], i);
        close(kept[i]);
        close(fd[i]);
    }
    return code;
}

/* A user is added with a given password or one that is made, listed in three formats, given and
 * stripped of a role, blocked, recovered; mistakes have the documented exit codes. */
static void commands_on(struct cx *cx)
{
    const char *token;
    struct profile_faults faults;
    check_ok(cx, profile_load_embedded(&profile, &faults, cx, "cn"));
    cx->profile = profile;
    const char *file = arena_printf(cx->arena, "%s/password", cx->dir);
    check_ok(cx, file_write(cx, file, STR("correct horse battery\r\nsecond line\n"), 0600));
    const char *add = arena_printf(
        cx->arena, "add|top|--name|Top|--role|county_admin|--password-file|%s|--db|x", file);
    assert_int_equal(run(cx, add), EXIT_OK);
    assert_null(strstr(output, "Password"));
    check_ok(cx, session_open(&token, cx, STR("top"), STR("correct horse battery"), STR(""),
                              STR("")));
    assert_int_equal(run(cx, add), EXIT_FAILED); /* the name is taken */
    assert_int_equal(run(cx, "add|王小明|--lang|zh-CN|--db|x"), EXIT_OK);
    const char *made = strstr(output, "Password: ");
    assert_non_null(made);
    char password[17];
    snprintf(password, sizeof password, "%.16s", made + strlen("Password: "));
    struct user u;
    check_ok(cx, user_by_login(&u, cx, STR("王小明")));
    assert_true(u.must_change_password && u.lang == LANG_ZH);
    check_ok(cx, session_open(&token, cx, STR("王小明"), str_of(password), STR(""), STR("")));
    assert_int_equal(run(cx, "grant|王小明|analyst|--db|x"), EXIT_OK);
    assert_int_equal(run(cx, "list|--format|csv|--db|x"), EXIT_OK);
    assert_true(str_starts(str_of(output),
                           STR("login,name,state,language,created_at,signed_in_at,grants\n")));
    assert_non_null(strstr(output, "\"top\",\"Top\",active,en,"));
    assert_non_null(strstr(output, "\"analyst@all\"\n"));
    assert_int_equal(run(cx, "list|--format|json|--search|top|--db|x"), EXIT_OK);
    assert_non_null(strstr(output, "\"login\":\"top\""));
    assert_null(strstr(output, "王小明"));
    assert_int_equal(run(cx, "list|--format|xml|--db|x"), EXIT_FAILED);
    assert_int_equal(run(cx, "revoke|王小明|analyst|--db|x"), EXIT_OK);
    assert_int_equal(run(cx, "revoke|王小明|analyst|--db|x"), EXIT_FAILED);
    assert_int_equal(run(cx, "block|top|--db|x"), EXIT_FAILED); /* the last administrator */
    assert_int_equal(run(cx, "block|王小明|--db|x"), EXIT_OK);
    assert_int_equal(run(cx, "reset|王小明|--db|x"), EXIT_FAILED);
    assert_int_equal(run(cx, "unblock|王小明|--db|x"), EXIT_OK);
    assert_int_equal(run(cx, "reset|王小明|--db|x"), EXIT_OK);
    assert_non_null(strstr(output, "24 hours"));
    assert_int_equal(run(cx, "password|nobody|--db|x"), EXIT_FAILED);
    assert_int_equal(run(cx, "add|--db|x"), EXIT_USAGE);
    assert_int_equal(run(cx, "frobnicate|--db|x"), EXIT_USAGE);
    assert_int_equal(run(cx, "--help"), EXIT_OK);
    assert_non_null(strstr(output, "unblock"));
    assert_int_equal(run(cx, "add|--help"), EXIT_OK);
    assert_non_null(strstr(output, "--password-file FILE"));
    cx->profile = NULL;
    profile_free(profile);
}

static void commands(void **state)
{
    (void)state;
    db_fixture_each(commands_on);
}

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(commands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
