/* Prints the page of good.html: see test/tools. */
#include "good.html.h"

#include <stdio.h>

int main(void)
{
    struct cx cx = {0};
    struct arena *arena = arena_open(1024 * 1024);
    struct out *o = out_new(arena, "n1");
    cx.arena = arena;
    const char *hostile = "javascript:\"><b>'&";
    good_page(o, &cx, hostile);
    good_body(o, &cx, hostile, 3);
    good_end(o, &cx);
    struct str page = out_view(o);
    fwrite(page.p, 1, page.len, stdout);
    arena_free(arena);
    return 0;
}
