// A bare read/write loop between two taps: what the kernel's tap device allows one core, with no switching at all.
//
//     tap-loop NETNS-A NAME-A NETNS-B NAME-B offload|plain
//
// It makes tap NAME-A in namespace NETNS-A and NAME-B in NETNS-B, prints "ready", and then carries every frame that one
// interface sends to the other, until it is ended. "offload" sets the 12-byte offload header (virtio_net_hdr) and takes
// every offload of the kernel, so that super-frames of up to 64 KB cross in one read and one write; "plain" sets none.
// One thread: reads are repeated, 64 from each side in turn, until both say EAGAIN; only then it sleeps in poll.
// A frame that the other side doesn't take is lost, as it would be in a switch. Not here: addresses, learning, checks.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { HeaderSize = 12, Burst = 64, Offloads = 0x6f }; // CSUM, TSO4, TSO6, TSO_ECN, USO4, USO6

static unsigned char buffer[HeaderSize + 18 + 65535];

static void die(const char *what, const char *which)
{
    fprintf(stderr, "tap-loop: %s %s: %s\n", what, which, strerror(errno));
    exit(1);
}

static int open_tap(const char *netns, const char *name, int offload)
{
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", netns);
    int ns = open(path, O_RDONLY | O_CLOEXEC);
    if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) die("cannot enter namespace", netns);
    close(ns);

    int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap < 0) die("cannot open", "/dev/net/tun");
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0) };
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(tap, TUNSETIFF, &request) < 0) die("cannot make tap", name);
    if (offload) {
        int size = HeaderSize;
        if (ioctl(tap, TUNSETVNETHDRSZ, &size) < 0) die("cannot set the header size of", name);
        if (ioctl(tap, TUNSETOFFLOAD, (unsigned long)Offloads) < 0) die("cannot set the offloads of", name);
    }
    return tap;
}

// Carries up to a burst; returns how many were read.
static int carry(int from, int to, int offload)
{
    for (int count = 0; count < Burst; count++) {
        ssize_t length = read(from, buffer, sizeof buffer);
        if (length <= 0) {
            // EIO: the interface is still down.
            if (length < 0 && errno != EAGAIN && errno != EINTR && errno != EIO) die("read", "tap");
            return count;
        }
        if (offload) buffer[0] &= 1; // NEEDS_CSUM stays, DATA_VALID has no meaning on the way in
        ssize_t written = write(to, buffer, (size_t)length);
        (void)written;
    }
    return Burst;
}

int main(int argc, char **argv)
{
    if (argc != 6 || (strcmp(argv[5], "offload") && strcmp(argv[5], "plain"))) {
        fprintf(stderr, "usage: tap-loop NETNS-A NAME-A NETNS-B NAME-B offload|plain\n");
        return 2;
    }
    int offload = !strcmp(argv[5], "offload");
    int a = open_tap(argv[1], argv[2], offload), b = open_tap(argv[3], argv[4], offload);
    puts("ready");
    fflush(stdout);

    struct pollfd ports[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
    for (;;) {
        if (carry(a, b, offload) + carry(b, a, offload) > 0) continue;
        if (poll(ports, 2, -1) < 0 && errno != EINTR) die("poll", "taps");
        if ((ports[0].revents | ports[1].revents) & (POLLERR | POLLHUP)) usleep(1000); // an interface is down
    }
}
