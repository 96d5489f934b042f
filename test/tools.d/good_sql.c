/* Prints what sqlc made of good.sql: see test/tools. */
#include "good.sql.h"

#include <stdio.h>

static void print(const struct sql *s)
{
    printf("%s|%s|%s\n%s\n%s\n", s->name, s->args, s->cols, s->lite, s->pg ? s->pg : "-");
}

int main(void)
{
    print(&GOOD_GET);
    print(&GOOD_ADD);
    print(&GOOD_BOTH);
    printf("%d %d %d %d %d\n", GOOD_GET_ID, GOOD_GET_SHARE, GOOD_GET_SEAL, GOOD_GET_NAME,
           GOOD_BOTH_ID);
    return 0;
}
