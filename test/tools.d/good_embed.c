/* Prints what embed made: see test/tools. With an argument, writes that file's packed bytes. */
#include "base/embed.h"
#include "db/migration.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    for (size_t i = 0; i < embedded_count; i++) {
        const struct embedded *e = &embedded_files[i];
        if (argc > 2 && strcmp(argv[1], e->path) == 0) {
            bool packed = strcmp(argv[2], "gzip") == 0;
            return fwrite(packed ? e->gzip : e->data, packed ? e->gzip_len : e->len, 1,
                          stdout) != 1;
        }
        if (argc == 1)
            printf("%s %zu %zu %s %s\n", e->path, e->len, strlen(e->etag), e->type,
                   e->gzip ? "packed" : "plain");
    }
    for (size_t i = 0; i < migration_count && argc == 1; i++)
        printf("%d %s %s", migrations[i].number, migrations[i].name, migrations[i].text);
    return 0;
}
