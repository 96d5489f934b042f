/* Finds a file carried inside the program. The table is generated (tools/embed). */
#include "base/embed.h"

const struct embedded *embed_find(struct str path)
{
    for (size_t i = 0; i < embedded_count; i++)
        if (str_eq_z(path, embedded_files[i].path))
            return &embedded_files[i];
    return NULL;
}
