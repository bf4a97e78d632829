/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Build tool: files to one C array.   embed OUT SYMBOL FILE...
 * The files are written one after the other; each but the first stands in `do ... end`, so that its
 * locals are its own.
 */
#include <stdio.h>

static size_t column;

static void put(FILE *out, int c)
{
    (void)fprintf(out, "%d,", c);
    if (++column % 24 == 0) {
        (void)fputc('\n', out);
    }
}

static void put_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        put(out, *text);
    }
}

static int put_file(FILE *out, const char *path)
{
    FILE *in = fopen(path, "rb");
    int c;

    if (!in) {
        perror(path);
        return -1;
    }
    while ((c = fgetc(in)) != EOF) {
        put(out, c);
    }
    return fclose(in);
}

int main(int argc, char **argv)
{
    FILE *out = argc > 3 ? fopen(argv[1], "wb") : NULL;

    if (!out) {
        (void)fprintf(stderr, "usage: embed OUT SYMBOL FILE...\n");
        return 2;
    }
    (void)fprintf(out, "#include <stddef.h>\nextern const char %s[];\nextern const size_t %s_len;\nconst char %s[] = {\n",
                  argv[2], argv[2], argv[2]);
    for (int i = 3; i < argc; i++) {
        put_text(out, i == 3 ? "" : "do\n");
        if (put_file(out, argv[i]) != 0) {
            return 1;
        }
        put_text(out, i == 3 ? "" : "end\n");
    }
    (void)fprintf(out, "0};\nconst size_t %s_len = sizeof(%s) - 1;\n", argv[2], argv[2]);
    return fclose(out) == 0 ? 0 : 1;
}
