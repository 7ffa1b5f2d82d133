namespace SoftSwitch.Linux.Netlink;

/// <content>Questions for lists.</content>
public sealed partial class Links
{
    /// <summary>Asks for a list of anything of rtnetlink.</summary>
    internal void Dump(Span<byte> message, string call, string subject, Action restart, MessageHandler answer)
    {
        lock (_lock)
            _socket.Dump(message, call, subject, restart, answer);
    }

    /// <summary>The same, of which the kernel may tell a part alone.</summary>
    /// <param name="choosing">Only what the message names is wanted; an older kernel tells all.</param>
    /// <param name="none">The error that says that there is no such thing, and so nothing to tell of it.</param>
    private void Dump(
        Span<byte> message, string call, string subject, Action restart, MessageHandler answer, bool choosing, int none,
        int attempts = NetlinkSocket.DumpAttempts)
    {
        lock (_lock)
        {
            _socket.Choose(strictly: choosing);
            try
            {
                _socket.Dump(message, call, subject, restart, answer, attempts);
            }
            catch (SystemCallException e) when (e.ErrorNumber == none)
            {
                restart();
            }
            finally
            {
                _socket.Choose(strictly: false);
            }
        }
    }
}
