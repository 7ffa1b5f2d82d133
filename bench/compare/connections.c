// How many TCP connections a second get from one namespace to an address in another: each is opened, asks, is answered and closed.
//
//     connections NETNS-CLIENT NETNS-SERVER ADDRESS PORTS SECONDS [AT-ONCE [RATE]]
//
// The server listens on PORTS ports from 7000 on (few ends: a translator has few ways to tell connections apart) and closes after its
// answer, so the client's ports are free at once and what stays is the translator's, and the server's TIME_WAIT. AT-ONCE connections
// (64) are on their way at any time; with RATE, so many are begun a second at most. A connection that isn't through after three seconds
// has failed: that includes one whose opening was lost or refused. Prints "RATE FAILED", connections through a second and how many not.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FirstPort = 7000, MaximumPorts = 64, MaximumAtOnce = 40000, Patience = 3 };

static void die(const char *what, const char *which)
{
    fprintf(stderr, "connections: %s %s: %s\n", what, which, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void enter(const char *netns)
{
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", netns);
    int ns = open(path, O_RDONLY | O_CLOEXEC);
    if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) die("cannot enter namespace", netns);
    close(ns);
}

static void watch(int poll, int fd, unsigned events, int operation)
{
    struct epoll_event event = { .events = events, .data.fd = fd };
    if (epoll_ctl(poll, operation, fd, &event) < 0) die("epoll_ctl on", "a socket");
}

// Answers each byte with a byte, and closes.
static void serve(const char *address, int ports, int ready)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int poll = epoll_create1(EPOLL_CLOEXEC), highest = 0;
    for (int i = 0; i < ports; i++) {
        int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
        struct sockaddr_in end = { .sin_family = AF_INET, .sin_port = htons((unsigned short)(FirstPort + i)) };
        inet_pton(AF_INET, address, &end.sin_addr);
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(listener, (struct sockaddr *)&end, sizeof end) < 0 || listen(listener, 65535) < 0) die("cannot listen on", address);
        watch(poll, listener, EPOLLIN, EPOLL_CTL_ADD);
        highest = listener;
    }
    if (write(ready, "r", 1) < 0) die("cannot tell", "the client");
    struct epoll_event events[256];
    for (;;) {
        int count = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd <= highest) {
                int peer;
                while ((peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) watch(poll, peer, EPOLLIN, EPOLL_CTL_ADD);
            } else {
                char byte;
                if (read(fd, &byte, 1) == 1 && write(fd, &byte, 1) < 0) { /* Who has gone needs no answer. */ }
                close(fd);
            }
        }
    }
}

static double *began;

// Begins a connection; false when this end has no port or descriptor for it.
static int begin(int poll, struct sockaddr_in end, double time)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return 0;
    if (fd >= MaximumAtOnce + 1024 || (connect(fd, (struct sockaddr *)&end, sizeof end) < 0 && errno != EINPROGRESS)) {
        close(fd);
        return 0;
    }
    began[fd] = time;
    watch(poll, fd, EPOLLOUT, EPOLL_CTL_ADD);
    return 1;
}

int main(int argc, char **argv)
{
    int ports = argc >= 6 ? atoi(argv[4]) : 0, at_once = argc >= 7 ? atoi(argv[6]) : 64;
    double seconds = argc >= 6 ? atof(argv[5]) : 0, rate = argc >= 8 ? atof(argv[7]) : 1e9;
    if (argc > 8 || ports < 1 || ports > MaximumPorts || !(seconds > 0 && seconds <= 3600) || at_once < 1 || at_once > MaximumAtOnce || !(rate > 0)) {
        fprintf(stderr, "usage: connections NETNS-CLIENT NETNS-SERVER ADDRESS PORTS SECONDS [AT-ONCE [RATE]]\n");
        return 2;
    }
    struct rlimit limit = { MaximumAtOnce + 1024, MaximumAtOnce + 1024 };
    setrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGPIPE, SIG_IGN);
    int ready[2];
    if (pipe(ready) < 0) die("cannot make", "a pipe");
    pid_t server = fork();
    if (server == 0) {
        enter(argv[2]);
        serve(argv[3], ports, ready[1]);
    }
    close(ready[1]);
    char byte;
    if (read(ready[0], &byte, 1) != 1) return 1;

    enter(argv[1]);
    began = calloc(MaximumAtOnce + 1024, sizeof *began);
    int poll = epoll_create1(EPOLL_CLOEXEC), open = 0, next = 0;
    long started = 0, through = 0, failed = 0;
    struct sockaddr_in end = { .sin_family = AF_INET };
    inet_pton(AF_INET, argv[3], &end.sin_addr);
    double start = now(), stop = start + seconds, time = start, looked = start;
    while ((time = now()) < stop || (open > 0 && time < stop + Patience + 1)) {
        while (time < stop && open < at_once && started < (time - start) * rate) {
            end.sin_port = htons((unsigned short)(FirstPort + next++ % ports));
            if (!begin(poll, end, time)) break;
            open++;
            started++;
        }
        struct epoll_event events[256];
        int count = epoll_wait(poll, events, 256, 1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd, error = 0;
            socklen_t size = sizeof error;
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
            if (!error && events[i].events & EPOLLOUT && write(fd, "q", 1) == 1) {
                watch(poll, fd, EPOLLIN, EPOLL_CTL_MOD);
                continue;
            }
            if (!error && read(fd, &byte, 1) == 1) through++;
            else failed++;
            began[fd] = 0;
            close(fd);
            open--;
        }
        for (int fd = 0; time - looked >= 0.5 && fd < MaximumAtOnce + 1024; fd++) {
            if (began[fd] == 0 || time - began[fd] < Patience) continue;
            began[fd] = 0;
            close(fd);
            open--;
            failed++;
        }
        if (time - looked >= 0.5) looked = time;
    }
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    printf("%.1f %ld\n", (double)through / seconds, failed + open);
    return 0;
}
