using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints;

/// <content>What an interface is given that was made: its MAC and its MTU, and another MTU while it is open. And its end.</content>
public abstract partial class InterfaceEndpoint
{
    /// <summary>Gives an interface that was made its MAC, where there is one for it, and its MTU.</summary>
    protected LinkInfo Dress(LinkInfo link, int mtu) => Dress(Links, link, mtu);

    /// <inheritdoc cref="Dress(LinkInfo, int)"/>
    protected LinkInfo Dress(Links links, LinkInfo link, int mtu)
    {
        if (link.Mtu != mtu)
            links.SetMtu(link.Index, mtu);
        if (Options.Mac is not { } mac)
            return link;
        links.SetMac(link.Index, mac);
        return link with { MacAddress = mac };
    }

    /// <summary>Gives an interface with which nobody else has any business its MAC and its MTU again, where somebody has changed them.
    /// </summary>
    private protected void PutBack(LinkInfo link, MacAddress? mac, int mtu)
    {
        if (mac is { } own && link.MacAddress != own)
            Links.SetMac(link.Index, own);
        if (link.Mtu != mtu)
            Links.SetMtu(link.Index, mtu);
    }

    /// <summary>Has the interface gone at once that was made, as <see cref="Links.DeleteMade"/> does.</summary>
    private protected void DeleteMade() => _links?.DeleteMade(Index, Mac, Elsewhere);

    public sealed override void Resize(int mtu)
    {
        options = options with { Mtu = mtu };
        if (_device is { } port && _link is { } link)
            port.Mtu = Resize(link);
    }

    /// <summary>Gives an interface that was made for the port the length of <see cref="Options"/>.</summary>
    /// <returns>What the port takes now.</returns>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    protected virtual int Resize(LinkInfo link)
    {
        Links.SetMtu(link.Index, Options.Mtu);
        return Options.Mtu;
    }

    /// <summary>Gives an interface in another namespace the length of <see cref="Options"/>.</summary>
    /// <exception cref="SystemCallException">The kernel refused, or nobody knows any more how to get there.</exception>
    private protected void ResizeIn(NetworkNamespace? place, int index)
    {
        if (place is null)
            throw new SystemCallException("setns", Errno.ENOENT, $"interface {LatestName}",
                "its namespace has no name any more, so its mtu stays what it is");
        using var links = new Links(place);
        if (links.FindByIndex(index) is not null)
            links.SetMtu(index, Options.Mtu);
    }
}
