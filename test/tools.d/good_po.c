/* Prints the catalogue msgc made of good.po: see test/tools. */
#include "base/text.h"

#include <stdio.h>

int main(void)
{
    for (size_t i = 0; i < messages_zh.count; i++)
        printf("%s=%s\n", messages_zh.messages[i].source, messages_zh.messages[i].translation);
    return 0;
}
