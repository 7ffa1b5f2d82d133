/* What a hostile guest sends, bounded in count and rate; and a guest whose tap takes no super-frames. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ETHERNET = 14, IPV4 = 20, TCP = 20, SEGMENT = 48, SEGMENTS = 1300 };

static unsigned char frame[sizeof(struct virtio_net_hdr) + ETHERNET + IPV4 + TCP + SEGMENT * SEGMENTS];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

static unsigned sum(const unsigned char *at, int length, unsigned sum)
{
    for (int i = 0; i < length; i += 2)
        sum += (unsigned)at[i] << 8 | at[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* An IPv4 header without options; the length is what follows it. */
static void ipv4(unsigned char *packet, unsigned char protocol, unsigned length, in_addr_t from, in_addr_t to)
{
    memset(packet, 0, IPV4);
    packet[0] = 0x45;
    put16(packet + 2, IPV4 + length);
    packet[8] = 64;
    packet[9] = protocol;
    memcpy(packet + 12, &from, 4);
    memcpy(packet + 16, &to, 4);
    put16(packet + 10, ~sum(packet, IPV4, 0));
}

/* A guest with a driver of the oldest kind: it opens its tap without offloads, and reads. */
static int plain_guest(const char *name)
{
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
    int fd = open("/dev/net/tun", O_RDWR);
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) {
        perror("attack: plain-guest");
        return 1;
    }
    /* A word of its own, so that the switch knows where it is. */
    unsigned char hello[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 99, 0x88, 0xb5 };
    for (;;) {
        if (write(fd, hello, sizeof hello) < 0)
            usleep(100000); /* Not up yet. */
        for (int i = 0; i < 10000 && read(fd, frame, sizeof frame) > 0; i++) { }
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "plain-guest") == 0)
        return plain_guest(argv[2]);
    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: attack stations|broadcasts|segments|neighbors INTERFACE FRAMES FRAMES_A_SECOND [MAC]\n"
                        "       attack plain-guest TAP\n");
        return 2;
    }
    const char *kind = argv[1];
    struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[2]) };
    unsigned frames = (unsigned)strtoul(argv[3], NULL, 10);
    double rate = strtod(argv[4], NULL);
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    struct ifreq request = { 0 };
    strncpy(request.ifr_name, argv[2], IFNAMSIZ - 1);
    if (fd < 0 || to.sll_ifindex == 0 || rate <= 0 || ioctl(fd, SIOCGIFHWADDR, &request) < 0) {
        perror("attack");
        return 1;
    }
    unsigned char *start = frame, *ethernet = frame, *packet = ethernet + ETHERNET;
    size_t length = 60;
    memset(ethernet, 0xff, 6);
    memcpy(ethernet + 6, request.ifr_hwaddr.sa_data, 6);
    put16(ethernet + 12, 0x88b5); /* for experiments (IEEE 802, 9.2.4) */
    if (strcmp(kind, "segments") == 0) {
        struct virtio_net_hdr offload = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
            .hdr_len = ETHERNET + IPV4 + TCP, .gso_size = SEGMENT, .csum_start = ETHERNET + IPV4, .csum_offset = 16 };
        int yes = 1;
        setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes);
        memcpy(frame, &offload, sizeof offload);
        ethernet = frame + sizeof offload;
        packet = ethernet + ETHERNET;
        memset(ethernet, 0xff, 6);
        memcpy(ethernet + 6, request.ifr_hwaddr.sa_data, 6);
        put16(ethernet + 12, 0x0800);
        ipv4(packet, 6, TCP + SEGMENT * SEGMENTS, inet_addr("10.99.0.3"), inet_addr("10.99.0.99"));
        unsigned char pseudo[12] = { [9] = 6 };
        memcpy(pseudo, packet + 12, 8);
        put16(pseudo + 10, TCP + SEGMENT * SEGMENTS);
        put16(packet + IPV4, 4000);
        put16(packet + IPV4 + 2, 4000);
        packet[IPV4 + 12] = TCP / 4 << 4;
        packet[IPV4 + 13] = 0x10;
        put16(packet + IPV4 + 16, sum(pseudo, sizeof pseudo, 0));
        length = sizeof frame;
    }
    if (argc == 6 && sscanf(argv[5], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", ethernet, ethernet + 1, ethernet + 2, ethernet + 3, ethernet + 4,
            ethernet + 5) != 6) {
        fprintf(stderr, "attack: %s is no MAC address\n", argv[5]);
        return 2;
    }
    unsigned sent = 0;
    double began = now();
    for (unsigned i = 0; i < frames; i++) {
        if (strcmp(kind, "stations") == 0)
            memcpy(ethernet + 8, &i, sizeof i);
        if (strcmp(kind, "neighbors") == 0) {
            put16(ethernet + 12, 0x0800);
            ipv4(packet, 17, 26, inet_addr("10.98.0.3"), htonl(ntohl(inet_addr("10.97.4.0")) + i % 60000));
            put16(packet + IPV4, 4000);
            put16(packet + IPV4 + 2, 4000);
            put16(packet + IPV4 + 4, 26);
        }
        sent += sendto(fd, start, length, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)length;
        double ahead = i / rate - (now() - began);
        if ((i % 64 == 63 || rate < 10000) && ahead > 0) {
            struct timespec pause = { 0, (long)(ahead * 1e9) };
            nanosleep(&pause, NULL);
        }
    }
    printf("%u frames in %.2f s\n", sent, now() - began);
    return 0;
}
