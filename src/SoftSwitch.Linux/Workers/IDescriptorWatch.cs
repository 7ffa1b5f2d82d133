namespace SoftSwitch.Linux.Workers;

/// <summary>
/// Calls a handler when its descriptor is readable, and again while it stays so. For anything else that the kernel can tell (that a socket
/// takes bytes again, that time has passed), watch an epoll or timer descriptor of your own. Coming and leaving is for any thread; handlers
/// run one after the other.
/// </summary>
public interface IDescriptorWatch
{
    /// <summary>Begins to watch a descriptor, or changes nothing.</summary>
    /// <exception cref="InvalidOperationException">It is watched already; that goes on.</exception>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    void Watch(int fd, Action ready);

    /// <summary>Ends it, before the descriptor is closed. One that isn't watched is no error.</summary>
    void Unwatch(int fd);
}
