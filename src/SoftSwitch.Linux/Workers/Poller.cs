using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Workers;

/// <summary>
/// Sleeps until one of many descriptors has something, or until somebody wakes it (epoll(7), eventfd(2)). Level-triggered: what is not read
/// is told again. Adding, removing and waking is for any thread, waiting for one.
/// </summary>
internal sealed unsafe class Poller : IDisposable
{
    /// <summary>Descriptors told in one call; the rest come with the next.</summary>
    public const int Batch = 64;

    private const ulong WakeToken = ulong.MaxValue;

    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wake;
    private readonly Libc.epoll_event[] _events = GC.AllocateArray<Libc.epoll_event>(Batch, pinned: true);

    public Poller()
    {
        _epoll = new(SystemCallException.ThrowIfNegative(Libc.epoll_create1(Libc.EPOLL_CLOEXEC), "epoll_create1", "a poller"), true);
        _wake =
            new(SystemCallException.ThrowIfNegative(Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK), "eventfd", "a poller"), true);
        Add(Fd(_wake), WakeToken);
    }

    public void Add(int fd, ulong token) => Add(fd, token, Libc.EPOLLIN);

    /// <summary>For whether it can be written, and not whether it can be read.</summary>
    public void AddForWriting(int fd, ulong token) => Add(fd, token, Libc.EPOLLOUT);

    private void Add(int fd, ulong token, uint events)
    {
        var interest = new Libc.epoll_event { events = events, data = token };
        SystemCallException.ThrowIfNegative(Libc.epoll_ctl(Fd(_epoll), Libc.EPOLL_CTL_ADD, fd, &interest), "epoll_ctl", "a poller");
    }

    public void Remove(int fd)
    {
        var ignored = default(Libc.epoll_event);
        _ = Libc.epoll_ctl(Fd(_epoll), Libc.EPOLL_CTL_DEL, fd, &ignored);
    }

    /// <summary>Ends the current or the next <see cref="Wait"/>.</summary>
    public void Wake()
    {
        var one = 1UL;
        _ = Libc.write(Fd(_wake), &one, sizeof(ulong));
    }

    /// <summary>Fills <paramref name="tokens"/> with the descriptors that have something.</summary>
    /// <param name="milliseconds">To wait at most; 0 looks only, -1 waits for ever.</param>
    /// <returns>How many there are.</returns>
    public int Wait(Span<ulong> tokens, int milliseconds)
    {
        fixed (Libc.epoll_event* events = _events)
        {
            var ready = Libc.epoll_wait(Fd(_epoll), events, int.Min(Batch, tokens.Length), milliseconds);
            var count = 0;
            for (var i = 0; i < ready; i++)
            {
                if (events[i].data == WakeToken)
                    TakeWake();
                else
                    tokens[count++] = events[i].data;
            }
            return count;
        }
    }

    /// <summary>Sleeps until somebody wakes it, whatever the descriptors have.</summary>
    public void AwaitWake()
    {
        var wake = new Libc.pollfd { fd = Fd(_wake), events = Libc.POLLIN };
        _ = Libc.poll(&wake, 1, -1);
        TakeWake();
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void TakeWake()
    {
        ulong count;
        _ = Libc.read(Fd(_wake), &count, sizeof(ulong));
    }

    private static int Fd(SafeFileHandle handle) => (int)handle.DangerousGetHandle();
}
