// How many 64-byte frames a second get from one interface to another.
//
//     frame-rate NETNS-A NAME-A NETNS-B NAME-B SECONDS
//
// A packet socket on A sends as fast as it can (sendmmsg, 64 a call; 60 bytes, the four of the checksum never reach the
// kernel) to B's address; a packet socket on B counts what arrives. The counter is the socket's own statistics: it is
// bound to our protocol number and nobody reads it, so counting costs the receiver next to nothing and no frame of
// anyone else is counted. A warm-up of 0.3 s is left out. Prints "RECEIVED OFFERED", both in million frames a second.
// What was queued during the warm-up arrives later, so a little more than was offered can be received in the window;
// over the whole run it can't, and if it does, frames were delivered twice: then there is no figure but an error.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { Protocol = 0x88b5 /* IEEE 802, local experiments */, FrameSize = 60, Burst = 64 };

static void die(const char *what, const char *which)
{
    fprintf(stderr, "frame-rate: %s %s: %s\n", what, which, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// A packet socket on the interface, receiving `protocol` (0: nothing); writes the interface's address to `mac`.
static int open_port(const char *netns, const char *name, int protocol, unsigned char *mac)
{
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", netns);
    int ns = open(path, O_RDONLY | O_CLOEXEC);
    if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) die("cannot enter namespace", netns);
    close(ns);

    int port = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (port < 0) die("cannot open a packet socket in", netns);
    struct ifreq request = { 0 };
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(port, SIOCGIFHWADDR, &request) < 0) die("no interface", name);
    memcpy(mac, request.ifr_hwaddr.sa_data, 6);
    if (ioctl(port, SIOCGIFINDEX, &request) < 0) die("no interface", name);
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons((unsigned short)protocol), .sll_ifindex = request.ifr_ifindex };
    int smallest = 1, ignore = 1;
    setsockopt(port, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest);
    setsockopt(port, SOL_PACKET, PACKET_IGNORE_OUTGOING, &ignore, sizeof ignore);
    if (bind(port, (struct sockaddr *)&address, sizeof address) < 0) die("cannot bind to", name);
    return port;
}

// Frames that reached the socket, dropped by it or not, since the last call.
static unsigned long arrived(int port)
{
    struct tpacket_stats statistics = { 0 };
    socklen_t size = sizeof statistics;
    if (getsockopt(port, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) < 0) die("no statistics of", "the socket");
    return statistics.tp_packets;
}

int main(int argc, char **argv)
{
    double seconds = argc == 6 ? atof(argv[5]) : 0;
    if (!(seconds > 0 && seconds <= 3600)) {
        fprintf(stderr, "usage: frame-rate NETNS-A NAME-A NETNS-B NAME-B SECONDS\n");
        return 2;
    }
    unsigned char a_mac[6], b_mac[6], frame[FrameSize] = { 0 };
    int b = open_port(argv[3], argv[4], Protocol, b_mac), a = open_port(argv[1], argv[2], 0, a_mac);

    // One frame from B, so that its address is known before the first one to it.
    frame[12] = Protocol >> 8;
    frame[13] = Protocol & 0xff;
    memcpy(frame, a_mac, 6);
    memcpy(frame + 6, b_mac, 6);
    if (send(b, frame, sizeof frame, 0) < 0) die("cannot send on", argv[4]);
    usleep(50000);

    memcpy(frame, b_mac, 6);
    memcpy(frame + 6, a_mac, 6);
    struct iovec part = { frame, sizeof frame };
    struct mmsghdr messages[Burst];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < Burst; i++) messages[i].msg_hdr = (struct msghdr){ .msg_iov = &part, .msg_iovlen = 1 };

    double start = now() + 0.3, end = start + seconds, time;
    unsigned long sent = 0, sent_before = 0, received_before = 0;
    int warm = 0;
    while ((time = now()) < end) {
        if (!warm && time >= start) {
            received_before = arrived(b);
            sent_before = sent;
            start = time;
            sent = 0;
            warm = 1;
        }
        int count = sendmmsg(a, messages, Burst, 0);
        if (count > 0) sent += (unsigned long)count;
        else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR) die("cannot send on", argv[2]);
    }
    unsigned long received = arrived(b);
    if (received_before + received > sent_before + sent) {
        fprintf(stderr, "frame-rate: %lu frames arrived, but only %lu were sent: some were delivered twice\n",
            received_before + received, sent_before + sent);
        return 1;
    }
    printf("%.4f %.4f\n", (double)received / (time - start) * 1e-6, (double)sent / (time - start) * 1e-6);
    return 0;
}
