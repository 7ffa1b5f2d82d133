using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>Hears the news of an interface (<see cref="LinkWatch"/>) until it is disposed of, be it amid a batch.</summary>
/// <param name="news">Called with the interface as it is now; null: it isn't there any more.</param>
/// <param name="touched">Called when its filters or addresses have changed; null: nobody wants to know.</param>
internal sealed class LinkListener(
    Links? links, int index, Action<LinkInfo?> news, Action<bool>? touched, Action<LinkListener> leave) : IDisposable
{
    private bool _hasLeft;

    public int Index => index;

    public void Tell(LinkInfo? link)
    {
        if (!_hasLeft)
            news(link);
    }

    public void Touch(bool isLoss)
    {
        if (!_hasLeft)
            touched?.Invoke(isLoss);
    }

    /// <summary>Tells how the interface is now, where news of it may have been lost.</summary>
    public void Ask()
    {
        LinkInfo? now = null;
        try
        {
            if (!_hasLeft)
                now = links?.FindByIndex(index);
        }
        catch (SystemCallException)
        {
            // What can't be asked for counts as gone: it is opened anew.
        }
        Tell(now);
    }

    public void Dispose()
    {
        _hasLeft = true;
        leave(this);
    }
}
