/* Sends frames of 60 bytes, each from another source address, to everyone: a station that forges. Bounded in count and rate. */
#define _GNU_SOURCE
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: forge INTERFACE FRAMES FRAMES_A_SECOND\n");
        return 2;
    }
    struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[1]) };
    unsigned frames = (unsigned)strtoul(argv[2], NULL, 10);
    double rate = strtod(argv[3], NULL);
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (fd < 0 || to.sll_ifindex == 0 || rate <= 0) {
        perror("forge");
        return 1;
    }
    unsigned char frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
    frame[12] = 0x88; /* 0x88b5: for experiments (IEEE 802, 9.2.4) */
    frame[13] = 0xb5;
    unsigned sent = 0;
    double start = now();
    for (unsigned i = 0; i < frames; i++) {
        memcpy(frame + 8, &i, sizeof i);
        sent += sendto(fd, frame, sizeof frame, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)sizeof frame;
        double ahead = i / rate - (now() - start);
        if (i % 64 == 63 && ahead > 0) {
            struct timespec pause = { 0, (long)(ahead * 1e9) };
            nanosleep(&pause, NULL);
        }
    }
    printf("%u frames in %.2f s\n", sent, now() - start);
    return 0;
}
