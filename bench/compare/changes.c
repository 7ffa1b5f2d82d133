/* changes: asks a switch for one thing more, again and again, and then for each of them to go. See changes, the script beside this.
 *
 *   changes SOCKET network|guest|tap COUNT
 *
 * One connection, one request after the other, as a program would that makes ports for machines as they come. Prints a line for each way:
 * the median of the last 100 calls up to so many things there, and of all calls, in milliseconds. Anything but 200 and 201 ends it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WINDOW 100

static int fd;

static void die(const char *what) { perror(what); exit(1); }

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *from, int count)
{
    double *sorted = malloc(count * sizeof *sorted), middle;
    memcpy(sorted, from, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_size);
    middle = sorted[count / 2];
    free(sorted);
    return middle;
}

/* One request with its whole answer; milliseconds. */
static double ask(const char *request)
{
    static char answer[1 << 16];
    double start = now();
    size_t length = strlen(request), had = 0;
    if (write(fd, request, length) != (ssize_t)length)
        die("write");
    for (;;) {
        ssize_t got = read(fd, answer + had, sizeof answer - 1 - had);
        char *end, *size;
        if (got <= 0)
            die("read");
        answer[had += got] = 0;
        if (!(end = strstr(answer, "\r\n\r\n")))
            continue;
        size = strcasestr(answer, "\r\ncontent-length:");
        if (size && size < end && had < (size_t)(end + 4 - answer) + strtoul(size + 17, NULL, 10))
            continue;
        if (strncmp(answer, "HTTP/1.1 20", 11)) {
            fprintf(stderr, "changes: %s\n", answer);
            exit(1);
        }
        return now() - start;
    }
}

static void tell(const char *what, const double *took, int count, int falls)
{
    static const int marks[] = { WINDOW, 1000, 2000, 4000 };
    printf("%-6s", what);
    for (unsigned i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (marks[i] <= count)
            printf("  %5d: %6.2f", marks[i] == WINDOW ? 0 : marks[i],
                median(falls ? took + count - marks[i] : took + marks[i] - WINDOW, WINDOW));
    }
    printf("  all: %6.2f ms\n", median(took, count));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int count = argc == 4 ? atoi(argv[3]) : 0, is_network;
    double *took;
    char request[512], body[200];
    if (count < WINDOW || strlen(argv[1]) >= sizeof to.sun_path) {
        fprintf(stderr, "usage: changes SOCKET network|guest|tap COUNT, at least %d\n", WINDOW);
        return 2;
    }
    is_network = !strcmp(argv[2], "network");
    took = malloc(count * sizeof *took);
    strcpy(to.sun_path, argv[1]);
    if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        die(argv[1]);
    for (int i = 0; i < count; i++) {
        int length = is_network ? snprintf(body, sizeof body, "{\"name\":\"x%d\",\"mode\":\"internal\"}", i)
            : snprintf(body, sizeof body, "{\"name\":\"x%d\",\"network\":\"lan\",\"kind\":\"%s\"}", i, argv[2]);
        snprintf(request, sizeof request, "POST /v1/%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "Content-Length: %d\r\n\r\n%s", is_network ? "networks" : "ports", length, body);
        took[i] = ask(request);
    }
    tell("add", took, count, 0);
    for (int i = 0; i < count; i++) {
        snprintf(request, sizeof request, "DELETE /v1/%s/x%d HTTP/1.1\r\nHost: localhost\r\n\r\n", is_network ? "networks" : "ports", i);
        took[i] = ask(request);
    }
    tell("remove", took, count, 1);
    return 0;
}
