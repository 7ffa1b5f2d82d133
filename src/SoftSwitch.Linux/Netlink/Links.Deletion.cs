using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.IfLink;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <content>The end of interfaces.</content>
public sealed partial class Links
{
    /// <param name="index">The interface.</param>
    /// <param name="elsewhere">The number of the namespace that it was moved to; null: it is here.</param>
    public void Delete(int index, int? elsewhere = null)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_DELLINK, 0);
        request.Append(new ifinfomsg { ifi_index = index });
        if (elsewhere is { } number)
            request.Put(IFLA_TARGET_NETNSID, (uint)number);
        Change(request.Message, "RTM_DELLINK", Named(index));
    }

    /// <summary>
    /// Has an interface gone at once that goes by itself when its last descriptor is closed. That may take a moment longer than closing
    /// ours: a process that is being started has copies of all until it runs its program. Meanwhile nobody else could have the name.
    /// </summary>
    /// <param name="index">The interface; it needn't be there any more.</param>
    /// <param name="mac">Its address: what came from another namespace may have its number by now, and stays.</param>
    /// <param name="elsewhere">The number of the namespace that it was moved to; null: it is here.</param>
    internal void DeleteMade(int index, MacAddress? mac, int? elsewhere = null)
    {
        try
        {
            if (FindByIndex(index, elsewhere) is { } link && link.MacAddress == mac)
                Delete(index, elsewhere);
        }
        catch (SystemCallException)
        {
            // Gone already, perhaps with its namespace.
        }
    }
}
